/** What `servers-provision` sends to the panel for one game: constants in its code, not read from the panel. */
export interface GameEgg {
  readonly nestId: number;
  readonly eggId: number;
  readonly dockerImage: string;
  readonly startup: string;
  readonly environment: Readonly<Record<string, string>>;
}

const minecraft: GameEgg = {
  nestId: 16,
  eggId: 39,
  dockerImage: 'ghcr.io/pterodactyl/yolks:java_17',
  startup: 'java -Xms128M -Xmx{{SERVER_MEMORY}}M -jar {{SERVER_JARFILE}}',
  environment: { SERVER_JARFILE: 'server.jar', MINECRAFT_VERSION: '1.21.1', BUILD_NUMBER: 'latest' },
};

/** The games the shop sells, by `plans.game`. */
export const gameEggs: Readonly<Record<string, GameEgg>> = {
  minecraft,
  rust: {
    nestId: 19,
    eggId: 50,
    dockerImage: 'ghcr.io/pterodactyl/games:rust',
    startup: './RustDedicated -batchmode +server.port {{SERVER_PORT}} +server.hostname "{{HOSTNAME}}"',
    environment: { HOSTNAME: 'A Rust server', LEVEL: 'Procedural Map', MAX_PLAYERS: '100' },
  },
  palworld: {
    nestId: 6,
    eggId: 15,
    dockerImage: 'ghcr.io/pterodactyl/games:palworld',
    startup: './PalServer.sh',
    environment: { SERVER_NAME: 'A Palworld server', MAX_PLAYERS: '32' },
  },
  terraria: {
    nestId: 6,
    eggId: 16,
    dockerImage: 'ghcr.io/parkervcp/yolks:debian',
    startup: './TerrariaServer.bin.x86_64 -config serverconfig.txt',
    environment: {},
  },
  factorio: {
    nestId: 6,
    eggId: 21,
    dockerImage: 'ghcr.io/parkervcp/yolks:debian',
    startup: './bin/x64/factorio --port {{SERVER_PORT}} --start-server saves/world.zip',
    environment: {},
  },
};

/** The egg for a game; a game nobody thought of silently becomes Minecraft. */
export function eggOf(game: string | null | undefined): GameEgg {
  return (game === null || game === undefined ? undefined : gameEggs[game]) ?? minecraft;
}

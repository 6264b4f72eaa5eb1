#!/usr/bin/env node
// Plain JavaScript for whatever Node starts it: pterodoc itself is TypeScript, which Node runs from 22.18 on. An older
// one hands over to the Node 24 that came with the installation.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, 'dist', 'cli.js');
const entry = existsSync(built) ? built : join(root, 'src', 'cli.ts');

if (runsTypeScript(process.versions.node)) {
  if (existsSync('.env')) process.loadEnvFile('.env');
  await import(pathToFileURL(entry).href);
} else {
  const node = bundledNode();
  if (node === null) {
    process.stderr.write(
      `pterodoc needs Node 22.18 or later; this is ${process.versions.node}, and no Node came with the installation ` +
        `for ${process.platform}-${process.arch}.\n`,
    );
    process.exitCode = 70;
  } else {
    handOver(node);
  }
}

function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

function bundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  try {
    const description = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`);
    const node = join(dirname(description), 'bin', program);
    return existsSync(node) ? node : null;
  } catch {
    return null;
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C on a terminal reaches both processes by itself; sent once more it would count as pressed twice.
  const isOnTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !isOnTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`${node} could not be started: ${error.message}\n`);
    process.exitCode = 70;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 70;
    } else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

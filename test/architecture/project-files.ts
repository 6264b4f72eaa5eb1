import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the project; `path` is written from the project's root, with forward slashes. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

/** Where the project is checked out. */
export const projectRoot: string = fileURLToPath(new URL('../../', import.meta.url));

/** Every file below these folders whose name ends in one of `endings`. A folder that is not there has none. */
export function filesIn(folders: readonly string[], endings: readonly string[]): readonly ProjectFile[] {
  return folders
    .flatMap((folder) => pathsBelow(join(projectRoot, folder)))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({ path: relative(projectRoot, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }));
}

/** Files of the project's root folder whose name ends in one of `endings`. */
export function filesOfRoot(endings: readonly string[]): readonly ProjectFile[] {
  return readdirSync(projectRoot, { withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => ({ path: entry.name, text: readFileSync(join(projectRoot, entry.name), 'utf8') }));
}

function pathsBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

// Packages of tools/package.json, for scripts that lie outside the folder into which
// tools/lib/install_dev_tools.sh installs them.

import { readFile } from 'node:fs/promises';

const FOLDER = new URL('../../build/dev-tools/node_modules/', import.meta.url);

// The module that `import ... from name` would give.
export async function load(name) {
  const root = new URL(`${name}/`, FOLDER);
  const about = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
  return import(new URL(about.exports?.['.']?.import ?? about.main, root));
}

/** The table of folders, from the rules that hold them apart. */
import { importsOf, LAYERS } from '../layers.ts';
import { code, table } from './markdown.ts';

export const layerTable = (): string =>
  table(
    ['Folder', 'What its code may do', 'Imports'],
    Object.entries(LAYERS).map(([folder, layer]) => [code(`src/${folder}`), layer.does, importsOf(layer)]),
  );

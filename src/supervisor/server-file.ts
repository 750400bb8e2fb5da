/** `server.json` of the data folder: where the server of this data folder listens, and which process it is. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ServerFile = z.object({ port: z.number().int(), pid: z.number().int(), version: z.string() });
export type ServerFile = z.infer<typeof ServerFile>;

const fileIn = (data_folder: string): string => join(data_folder, 'server.json');

/** Null when there is none, or none that can be read. */
export function readServerFile(data_folder: string): ServerFile | null {
  try {
    return ServerFile.parse(JSON.parse(readFileSync(fileIn(data_folder), 'utf8')));
  } catch {
    return null; // no server has listened yet, or it is written just now
  }
}

/** Whole or not at all. */
export function writeServerFile(data_folder: string, where: ServerFile): void {
  const file = fileIn(data_folder);
  writeFileSync(`${file}.new`, `${JSON.stringify(where)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** What a server of before has left says nothing about the next one. */
export const removeServerFile = (data_folder: string): void => rmSync(fileIn(data_folder), { force: true });

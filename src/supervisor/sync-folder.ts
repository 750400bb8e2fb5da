import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Brings the names in a folder to the disk: a file that was synced may still be without its name after a power cut. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

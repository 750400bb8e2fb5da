/** Files and folders of a worktree that editors and tools obey. Nobody writes them inside unasked: neither we nor a person is trapped. */
export const PLANTED_FILES = ['.mcp.json', '.envrc', '.gitmodules'] as const;
export const PLANTED_FOLDERS = ['.vscode', '.idea', '.claude', '.codex'] as const;

/** What a shell reads once, so that it asks `tack complete` at each TAB. Nothing but the shell itself is needed. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `_tack() {
  local name title
  COMPREPLY=()
  while IFS=$'\\t' read -r name title; do COMPREPLY+=("$name"); done \\
    < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _tack tack tackroom
`,
  zsh: `#compdef tack tackroom
_tack() {
  local name title
  local -a found
  while IFS=$'\\t' read -r name title; do found+=("\${name//:/\\\\:}:$title"); done \\
    < <("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe tack found || _files
}
compdef _tack tack tackroom
`,
  fish: `complete -c tack -c tackroom -f -a '(tack complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};

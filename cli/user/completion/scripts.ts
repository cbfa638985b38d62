/** Shells that can complete commands. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** Name of a shell. */
export type Shell = (typeof shells)[number];

/**
 * Scripts that a shell reads once. Each asks the program itself for the words, so that they never differ from its
 * commands, and names files where the program knows none. Bash splits words at colons, so its script takes them from the
 * line, and replies what follows the colon.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `_helm_registry() {
  local line="\${COMP_LINE:0:COMP_POINT}" words word before
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  word="\${words[-1]}"
  before="\${word%"\${word##*:}"}"
  COMPREPLY=()
  while IFS= read -r reply; do
    COMPREPLY+=("\${reply#"$before"}")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2> /dev/null)
  [[ "\${COMPREPLY[0]}" == */ ]] && compopt -o nospace
  return 0
}
complete -o default -F _helm_registry helm-registry
`,
  zsh: `#compdef helm-registry
_helm_registry() {
  local -a replies
  replies=("\${(@f)$(helm-registry __complete -- "\${(@)words[2,CURRENT]}" 2> /dev/null)}")
  replies=(\${replies:#})
  if (( \${#replies} == 0 )); then
    _files
  elif [[ "\${replies[1]}" == */ ]]; then
    compadd -S '' -- "\${replies[@]}"
  else
    compadd -- "\${replies[@]}"
  fi
}
compdef _helm_registry helm-registry
`,
  fish: `function __helm_registry_complete
  set -l before (commandline -opc)
  set -l replies (helm-registry __complete -- $before[2..-1] (commandline -ct) 2> /dev/null | string match -v '')
  if test (count $replies) -gt 0
    printf '%s\\n' $replies
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c helm-registry -f -a '(__helm_registry_complete)'
`,
};

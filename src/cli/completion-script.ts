// The scripts that shells read. Each asks `ws-assay complete -- WORDS` and falls back on files.

const BASH = `# bash completion of ws-assay: ws-assay completion bash >> ~/.bashrc
_ws_assay() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _ws_assay ws-assay
`;

const ZSH = `#compdef ws-assay
# zsh completion of ws-assay: ws-assay completion zsh > a folder of $fpath/_ws-assay
_ws_assay() {
  local -a found
  found=(\${(f)"$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
if [[ "\${funcstack[1]}" == _ws-assay ]]; then _ws_assay "$@"; else compdef _ws_assay ws-assay; fi
`;

const FISH = `# fish completion of ws-assay: ws-assay completion fish > ~/.config/fish/completions/ws-assay.fish
function __ws_assay_complete
  set -l before (commandline -opc)
  set -l found ($before[1] complete -- $before[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    string join \\n -- $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c ws-assay -f -a '(__ws_assay_complete)'
`;

/** By shell. */
export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;

# What zsh offers when a person presses TAB behind a line: one a line.
# Usage: zsh -f complete.zsh FOLDER LINE; FOLDER has the file _groovefs.
#
# A true zsh completes on a pseudo-terminal. Its compadd, by which all matches
# pass, prints them; then it ends.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=; unset zle_bracketed_paste; fpath=(${(q)1} \$fpath)"
zpty -w shell 'autoload -Uz compinit; compinit -u -D
compadd () {
	local -a matches
	builtin compadd -O matches "$@"
	print -rl -- "match: "$^matches
	builtin compadd "$@"
}
quit () { print "the end"; exit }
comppostfuncs=(quit)
bindkey "^I" complete-word
zle -C complete-word complete-word complete-line
complete-line () { unset "compstate[vared]"; _main_complete "$@" }
print "be""gin"'

while zpty -r shell line; do
	[[ $line == begin* ]] && break
done
zpty -w -n shell "$2"$'\t'
while zpty -r shell line; do
	line=${line//[$'\r\n']/}
	[[ $line == *"the end" ]] && break
	[[ $line == *"match: "* ]] && print -r -- ${line#*match: }
done

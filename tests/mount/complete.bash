# What bash offers when a person presses TAB behind words: one a line.
# Usage: bash --norc complete.bash WORD...; the last may be empty. The file is
# found by bash-completion, below XDG_DATA_DIRS.
source /usr/share/bash-completion/bash_completion
compopt() { :; } # works in a true completion only

_completion_loader "$1"
# bash splits words at "=" as well
for word; do
	if [[ $word == *=* ]]; then
		mapfile -t parts < <(sed 's/=/\n=\n/g' <<<"$word")
		COMP_WORDS+=("${parts[@]}")
	else
		COMP_WORDS+=("$word")
	fi
done
COMP_LINE=$(IFS=" " && echo "$*")
COMP_POINT=${#COMP_LINE}
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
read -r _ _ function _ < <(complete -p "$1" | sed 's/complete -F/complete - /')
"$function" "$1"
printf '%s\n' "${COMPREPLY[@]}"

# Completion for bash-completion. tests/mount/test_manual.py compares it with --help.

# It is read inside a function, so what is to stay is declared with -g.
declare -g _groovefs_commands="mount umount precache analyze cache explain config"
declare -g _groovefs_cache_commands="stats verify clear ls"

declare -gA _groovefs_options=(
	[mount]="-f --foreground -o --config -h --help"
	[umount]="-l --lazy -h --help"
	[precache]="-q --quality --mount --library --cache -j --jobs --watch --quiet
		--json --jsonl --config -o -h --help"
	[analyze]="-j --jobs --csv --json --jsonl --cache --quiet --config -o -h --help"
	[cache]="-h --help"
	[cache stats]="--cache --config -o --json --jsonl -h --help"
	[cache verify]="-r --repair --cache --config -o --json --jsonl -h --help"
	[cache clear]="-n --dry-run -t --older-than -q --quality --cache --config -o
		--json --jsonl -h --help"
	[cache ls]="--cache --config -o --json --jsonl -h --help"
	[explain]="--library --cache --json --jsonl --config -o -h --help"
	[config]="--json --jsonl --save --config -o -h --help"
)

# What follows -o, and what may follow a setting.
declare -gA _groovefs_settings=(
	[cache]=DIR [cache_size]="10G 50G" [cache_age]="12h 30d"
	[min_free]=512M [memory]="256M 1G" [spill]=1G [pcm]= [pcm_on_disk]="yes no" [follow_links]="yes no"
	[analysis_memory]=4M [analysis_tracks]=50 [analysis_ttl]=1h
	[analyze]="on-read on-play" [lossless]=all [transcode_lossy_above]=320
	[cover_max]=600 [id3_version]="2.3 2.4" [id3_separator]=/
	[precache]="high medium low" [workers]= [worker_timeout]=10
	[uid]= [gid]= [umask]=022 [fmask]=133 [dmask]=022
	[log_level]="error warn info debug" [log_target]="auto stderr syslog"
)

# $1: what to put before each reply; the rest: for compgen.
_groovefs_reply() {
	local before=$1
	shift
	mapfile -t COMPREPLY < <(compgen "$@")
	COMPREPLY=("${COMPREPLY[@]/#/"$before"}")
}

# The last of several values between commas.
_groovefs_list() {
	_groovefs_reply "${cur%"${cur##*,}"}" -W "$1" -- "${cur##*,}"
}

_groovefs_folders() {
	_groovefs_reply "${cur%"${cur##*[,=]}"}" -d -- "${cur##*[,=]}"
	compopt -o filenames
}

_groovefs_files() {
	_groovefs_reply "" -f -- "$cur"
	compopt -o filenames
}

# SETTING=VALUE,SETTING=VALUE; bash itself splits words at each "=".
_groovefs_mount_options() {
	local last=${cur##*,} i
	local setting=${last%%=*}

	compopt -o nospace
	if [[ $last != *=* ]]; then
		_groovefs_list "${!_groovefs_settings[*]} allow_other"
		for i in "${!COMPREPLY[@]}"; do
			[[ ${COMPREPLY[i]} == *allow_other ]] || COMPREPLY[i]+="="
		done
	elif [[ $setting == cache ]]; then
		_groovefs_folders
	else
		_groovefs_reply "${cur%"${last#*=}"}" \
			-W "${_groovefs_settings[$setting]-}" -- "${last#*=}"
	fi
	[[ $cur != *=* ]] || COMPREPLY=("${COMPREPLY[@]#"${cur%=*}="}")
}

# The value of the option $prev; fails when there is none.
_groovefs_value() {
	case $prev in
	-o) _groovefs_mount_options ;;
	-q | --quality) _groovefs_list "high medium low" ;;
	-j | --jobs) _groovefs_reply "" -W "$(nproc)" -- "$cur" ;;
	-t | --older-than) _groovefs_reply "" -W "12h 7d 30d" -- "$cur" ;;
	--mount | --library | --cache) _groovefs_folders ;;
	--config) _groovefs_files ;;
	*) return 1 ;;
	esac
}

_groovefs() {
	local cur prev words cword command
	_init_completion -n = || return

	command=${words[1]-}
	if ((cword == 1)); then
		_groovefs_reply "" -W "$_groovefs_commands --help --version" -- "$cur"
		return
	elif [[ $command == cache ]] && ((cword == 2)) && [[ $cur != -* ]]; then
		_groovefs_reply "" -W "$_groovefs_cache_commands" -- "$cur"
		return
	elif [[ $command == cache && ${words[2]-} != -* ]] && ((cword > 2)); then
		command+=" ${words[2]}"
	fi

	_groovefs_value && return
	if [[ $cur == -* ]]; then
		_groovefs_reply "" -W "${_groovefs_options[$command]-}" -- "$cur"
		return
	fi
	case $command in
	mount | umount) _groovefs_folders ;;
	precache | analyze | explain | "cache clear") _groovefs_files ;;
	esac
}

complete -F _groovefs groovefs

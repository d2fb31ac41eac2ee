# SPDX-License-Identifier: MIT
# Completion of bfm(8) for bash.

_bfm_command() {
	local word skip=
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		if [[ $skip ]]; then
			skip=
		elif [[ $word == --device ]]; then
			skip=1
		elif [[ $word != -* ]]; then
			echo "$word"
			return
		fi
	done
}

_bfm_options() {
	local load="--args --pool --log-level --no-modprobe"
	case $1 in
	load | quick) echo "$load" ;;
	log) echo "--follow --level --json" ;;
	check | status | stats | version) echo "--json" ;;
	esac
	echo "--device --quiet --help"
}

_bfm() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command
	command=$(_bfm_command)
	case $before in
	--device)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--level | --log-level | -l)
		mapfile -t COMPREPLY < <(compgen -W "error warn info debug" -- "$word")
		return
		;;
	--args | -a | --pool | -p) return ;;
	esac
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_bfm_options "$command")" -- "$word")
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"check load start stop unload quick status log stats version" -- "$word")
	elif [[ $command == load || $command == quick ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

complete -o filenames -F _bfm bfm

#!/bin/sh
# no-bank.sh: a filter that refuses the senders of a domain.
while IFS='|' read -r kind version time subsystem phase session token sender
do
    case "$kind|$version|$sender" in
    'config|ready|')
        printf '%s\n' 'register|filter|smtp-in|mail-from' 'register|ready' ;;
    filter\|*@bank.example)
        echo "filter-result|$session|$token|reject|550 5.7.1 No bank writes to us" ;;
    filter\|*)
        echo "filter-result|$session|$token|proceed" ;;
    esac
done

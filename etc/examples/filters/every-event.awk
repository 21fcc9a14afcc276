#!/usr/bin/gawk -bf
# every-event.awk FILE: a filter that hears every event by its name and is asked about every phase, lets
# everything pass, and writes every line of the server to a file.
BEGIN {
	FS = "|"
	file = ARGV[1]
	ARGV[1] = ""
	phases = "connect helo ehlo starttls auth mail-from rcpt-to data data-line rset quit noop commit"
	events = "link-connect link-greeting link-identify link-tls link-auth link-disconnect" \
		" tx-reset tx-begin tx-mail tx-rcpt tx-envelope tx-data tx-commit tx-rollback" \
		" protocol-client protocol-server filter-report filter-response timeout"
}

{
	print > file
	fflush(file)
}

$0 == "config|ready" {
	count = split(events, event, " ")
	for (i = 1; i <= count; i++) {
		print "register|report|smtp-in|" event[i]
		print "register|report|smtp-out|" event[i]
	}
	count = split(phases, phase, " ")
	for (i = 1; i <= count; i++)
		print "register|filter|smtp-in|" phase[i]
	print "register|ready"
}

$1 == "filter" && $5 == "data-line" {
	# the line is all that follows the seventh bar
	print "filter-dataline|" $6 "|" $7 "|" substr($0, length($1 $2 $3 $4 $5 $6 $7) + 8)
}

$1 == "filter" && $5 != "data-line" {
	print "filter-result|" $6 "|" $7 "|proceed"
}

{
	fflush()
}

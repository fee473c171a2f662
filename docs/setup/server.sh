# Where the pages about asking start: a server with the genome of Alice and Bob, at the address `$server`.
. docs/setup/example.sh || return
MATHISON_GENOME_PATH=genome.json genome-server --trust alice.json --listen 127.0.0.1:0 2> server.log &
timeout 60 sh -c 'until grep -q listening server.log; do sleep 0.1; done'
server=http://$(sed -n 's/.*"listening","address":"\([^"]*\)".*/\1/p' server.log)

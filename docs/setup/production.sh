# Where the pages about production start: TOTK_PROD 1.0.0 is signed by one key, and is on the machine with a trust policy.
# It starts at the root of the repository, and goes on only where nothing is that it makes: a key or a policy of yours stays as it is.
for path in secret-manager production-key-001.json genomes/TOTK_PROD_v1.0.0 trust.json machine serve.sh; do
    if [ -e "$path" ]; then
        echo "$path is there already, so nothing was made. Start in a fresh copy of the repository. After DEPLOYMENT.md you need no script." >&2
        return 1
    fi
done
umask 022

# The secret manager: put the command of yours in its place.
mkdir -m 700 secret-manager
secret() { cat "secret-manager/$1-secret.txt"; }

genome keygen --secret-file secret-manager/production-key-001-secret.txt --public-file production-key-001.json production-key-001
genome draft --from genomes/TOTK_ROOT_v1.0.0/genome.json --new-root --name TOTK_PROD --version 1.0.0 \
    --signer production-key-001.json --threshold 1 --file LICENSE genomes/TOTK_PROD_v1.0.0/genome-unsigned.json
GENOME_SIGNING_PRIVATE_KEY=$(secret production-key-001) genome sign genomes/TOTK_PROD_v1.0.0

cat > trust.json <<POLICY
{
  "schema_version": "trust.v0.1",
  "signers": [ $(cat production-key-001.json) ],
  "threshold": 1,
  "minimum_versions": { "TOTK_PROD": "1.0.0" },
  "maximum_age_days": 365
}
POLICY

# The root directory of the production machine.
machine=$PWD/machine
mkdir -p "$machine"/etc/mathison/genomes "$machine"/var/cache/mathison "$machine"/opt/mathison
mkdir -p -m 700 "$machine"/var/lib/mathison
cp --parents LICENSE genomes/TOTK_ROOT_v1.0.0/README.md "$machine"/opt/mathison
cp trust.json "$machine"/etc/mathison
cat > "$machine"/etc/mathison/environment <<ENVIRONMENT
MATHISON_ENV=production
MATHISON_GENOME_PATH=$machine/etc/mathison/genomes/TOTK_PROD_v1.0.0/genome.json
MATHISON_GENOME_TRUST=$machine/etc/mathison/trust.json
MATHISON_GENOME_STATE=$machine/var/lib/mathison/state.json
MATHISON_REPO_ROOT=$machine/opt/mathison
ENVIRONMENT

# deploy VERSION brings a genome to the machine; production COMMAND runs a command there, in the environment of the service.
deploy() {
    mkdir -p "$machine/etc/mathison/genomes/TOTK_PROD_v$1"
    cp "genomes/TOTK_PROD_v$1/genome.json" "$machine/etc/mathison/genomes/TOTK_PROD_v$1"
    sed -i "s|TOTK_PROD_v[0-9.]*/|TOTK_PROD_v$1/|" "$machine"/etc/mathison/environment
}
production() { ( set -a && . "$machine"/etc/mathison/environment && "$@" ) }
deploy 1.0.0

# serve.sh runs the server in the foreground, as the unit of systemd does.
cat > serve.sh <<SERVE
#!/bin/sh
set -aeu
. "$machine/etc/mathison/environment"
exec genome-server --production --metrics-textfile "$machine/var/cache/mathison/genome.prom" --listen 127.0.0.1:0
SERVE
chmod +x serve.sh

# start, stop and restart do what systemctl does with the service.
start() {
    : > server.log
    ./serve.sh 2> server.log & pid=$!
    timeout 60 sh -c 'until grep -q listening server.log; do sleep 0.1; done'
    server=http://$(sed -n 's/.*"listening","address":"\([^"]*\)".*/\1/p' server.log)
}
stop() { kill $pid && wait $pid; }
restart() { stop && start; }

# confirm VERSION compares the genome id that the server says with the one that was reviewed.
reviewed() { genome verify --print id "genomes/TOTK_PROD_v$1/genome.json"; }
active() { curl --silent "$server"/genome | sed -n 's/^  "genome_id": "\(.*\)",$/\1/p'; }
confirm() { test "$(active)" = "$(reviewed "$1")" && echo "TOTK_PROD $1 is active"; }

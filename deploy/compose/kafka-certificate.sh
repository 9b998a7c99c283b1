#!/bin/sh
# Makes an authority and a certificate for Kafka's listener outside, once: what is there stays. Needs openssl.
#   deploy/compose/kafka-certificate.sh NAME [FOLDER]      (default: secrets/ beside docker-compose.yml)
# An authority of the city's own is better: then lay key and chain (PEM, key first, PKCS #8) into kafka/broker.pem.
set -eu
name=${1:?the name by which clients reach the broker, such as kafka.stadt.example}
folder=${2:-$(dirname "$0")/../../secrets}
umask 077
mkdir -p "$folder/kafka" "$folder/procedures"
chmod 700 "$folder"
chmod 755 "$folder/kafka"
chmod 777 "$folder/procedures" # the container that writes there has a user of its own; the folder above keeps others out
cd "$folder/kafka"
[ ! -s broker.pem ] || { echo "kafka/broker.pem is there already"; exit 0; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Poststelle Kafka authority" \
    -keyout authority.key -out authority.pem 2>/dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout broker.key -out broker.csr 2>/dev/null
printf 'subjectAltName=DNS:%s\n' "$name" >broker.ext
openssl x509 -req -in broker.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 825 -extfile broker.ext -out broker.crt 2>/dev/null
cat broker.key broker.crt authority.pem >broker.pem.new
chmod 444 broker.pem.new authority.pem # as all secrets here: containers have users of their own
mv broker.pem.new broker.pem
rm broker.key broker.csr broker.ext broker.crt
echo "made kafka/broker.pem for $name; clients trust kafka/authority.pem"

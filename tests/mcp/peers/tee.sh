#!/bin/sh
# tee.sh SENT RECEIVED COMMAND...: runs a command, and writes down what it is sent and what it says.
sent=$1 received=$2
shift 2
tee "$sent" | "$@" | tee "$received"

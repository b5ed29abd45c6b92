#!/bin/bash
set -eu
apt-get update

#!/bin/bash
set -eu
rm -rf /var/lib/apt/lists/*

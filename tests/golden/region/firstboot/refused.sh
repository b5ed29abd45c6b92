#!/bin/sh
# First boot of one instance, made for it by the instance metadata service.
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
state=/var/lib/cotta
failed=

say() { echo "cotta: $*"; }

fail() {
    say "user data: $*"
    [ -n "$failed" ] || failed=$*
}

# Tell the region why user data failed; it may be down, and the console has it too.
report() {
    imds=http://169.254.169.254/latest
    token=$(curl -s -f --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
        "$imds/api/token") || return
    curl -s --max-time 5 -o /dev/null -X PUT -H "X-aws-ec2-metadata-token: $token" \
        --data-raw "$1" "$imds/cotta/user-data"
}

# Add lines to the keys of a user; a user that is not there gets none.
give_keys() {
    home=$(getent passwd "$1" | cut -d: -f6)
    if [ -z "$home" ]; then
        fail "there is no user $1 to be given a key"
        return
    fi
    mkdir -p "$home/.ssh"
    chmod 700 "$home/.ssh"
    printf '%s\n' "$2" >>"$home/.ssh/authorized_keys"
    chmod 600 "$home/.ssh/authorized_keys"
    chown -R "$1:" "$home/.ssh"
}

# Write what base64 stands for: path, owner, mode, how (> or >>), text.
write_file() {
    mkdir -p "$(dirname "$1")"
    if [ "$4" = '>>' ]; then
        printf '%s' "$5" | base64 -d >>"$1"
    else
        printf '%s' "$5" | base64 -d >"$1"
    fi || { fail "$1 can't be written"; return; }
    chmod "$3" "$1"
    chown "$2" "$1" || fail "$1 can't be given to $2"
}

# Run a program made of base64: name, text.
run_script() {
    mkdir -p "$state/scripts"
    printf '%s' "$2" | base64 -d >"$state/scripts/$1"
    chmod 700 "$state/scripts/$1"
    "$state/scripts/$1"
    status=$?
    [ "$status" = 0 ] || fail "$1 ended with status $status"
}
instance=i-0123456789abcdef0

every_boot() {
:
}

early() {
fail 'packages is not done: packages are part of the image: install them when it is built'
say 'user data: the key '"'"'ntp'"'"' of #cloud-config is not known here, and left out'
echo ip-172-31-0-10 >/etc/hostname
hostname ip-172-31-0-10 2>/dev/null || echo ip-172-31-0-10 >/proc/sys/kernel/hostname
echo '127.0.1.1 ip-172-31-0-10.ec2.internal ip-172-31-0-10' >>/etc/hosts
printf '%s\n' 'ssh-ed25519 AAAApair my key' >"$state/authorized_keys"
give_keys admin 'ssh-ed25519 AAAApair my key'
:
}

user_data() {
:
}

done_already() { [ "$(cat "$state/$1" 2>/dev/null)" = "$instance" ]; }

case $1 in
early)
    every_boot
    done_already early && exit 0
    mkdir -p "$state"
    chmod 700 "$state"
    early
    echo "$failed" >"$state/failed"
    echo "$instance" >"$state/early"
    ;;
user-data)
    done_already user-data && exit 0
    mkdir -p "$state"
    chmod 700 "$state"
    failed=$(cat "$state/failed" 2>/dev/null)
    user_data
    # Many wait for this file, which cloud-init leaves.
    mkdir -p "/var/lib/cloud/instances/$instance"
    ln -sfn "instances/$instance" /var/lib/cloud/instance
    date >"/var/lib/cloud/instances/$instance/boot-finished"
    echo "$failed" >"$state/failed"
    echo "$instance" >"$state/user-data"
    if [ -n "$failed" ]; then
        say "user data failed: $failed"
        report "$failed"
        exit 1
    fi
    say "first boot is done"
    ;;
esac

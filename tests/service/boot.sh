#!/bin/sh
# Boots the systemd of this computer over a copy of its disk that is gone when it ends.
# Runs as the first process of namespaces of its own: mounts, processes, network, names, cgroups.
#   boot.sh FOLDER    an empty folder, for mounts
set -e
folder=$1
mount --make-rprivate /
mount -t tmpfs -o mode=755 azike-machine "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
cd "$folder/root"
for at in proc sys run tmp dev var/tmp etc/systemd/system; do mkdir -p "$at"; done
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for at in run dev etc/systemd/system; do mount -t tmpfs -o mode=755 tmpfs "$at"; done
for at in tmp var/tmp; do mount -t tmpfs -o mode=1777 tmpfs "$at"; done
for device in null zero full random urandom tty net/tun; do
    mkdir -p dev/net
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t tmpfs tmpfs dev/shm
# Nothing of an azike or of a journal of this computer.
rm -rf opt/azike var/lib/azike var/log/journal usr/lib/systemd/system/azike.* lib/systemd/system/azike.*
rm -f etc/machine-id etc/resolv.conf
: >etc/machine-id
echo 'nameserver 192.0.2.53' >etc/resolv.conf
# The basic system, sockets and a message bus; no logins, no timers, no network.
cat >etc/systemd/system/machine.target <<UNIT
[Unit]
Requires=basic.target
After=basic.target
AllowIsolate=yes
UNIT
# The disk of this computer itself is out of reach from here on.
mkdir old
pivot_root . old
cd /
umount -l old
rmdir old
exec env -i container=azike PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=machine.target --log-target=kmsg --show-status=no

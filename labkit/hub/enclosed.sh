# Runs a command as an attendee, in a view of the machine in which others do not occur. Started by unshare as root,
# as process 1 of namespaces of its own: everything here ends with it.
#
#   enclosed.sh UID SCRATCH VEIL… -- OWN SHOWN… -- COMMAND…
#
# Each VEIL, and the folders for temporary files, becomes an empty folder, of which OWN (to write) and SHOWN (to read)
# stay visible. SCRATCH is how many bytes fit into each folder for temporary files.
set -eu
account=$1 scratch=$2
shift 2

veils=0
while [ "$1" != -- ]; do
  veils=$((veils + 1))
  eval "veil_$veils=\$1"
  shift
done
shift

# What stays is taken aside before the veils fall.
umask 022
mount -t tmpfs -o mode=755 tmpfs /mnt
count=0
while [ "$1" != -- ]; do
  count=$((count + 1))
  mkdir "/mnt/$count"
  mount --bind "$1" "/mnt/$count"
  [ "$count" -eq 1 ] || mount -o remount,bind,ro "/mnt/$count"
  eval "shown_$count=\$1"
  shift
done
shift

for folder in /tmp /var/tmp /dev/shm; do
  mount -t tmpfs -o "mode=1777,nosuid,nodev,size=$scratch" tmpfs "$folder"
done
at=0
while [ "$at" -lt "$veils" ]; do
  at=$((at + 1))
  eval "folder=\$veil_$at"
  mount -t tmpfs -o mode=755,size=1m tmpfs "$folder"
done
at=0
while [ "$at" -lt "$count" ]; do
  at=$((at + 1))
  eval "folder=\$shown_$at"
  mkdir -p "$folder"
  mount --move "/mnt/$at" "$folder"
done
umount /mnt

# Not by exec: process 1 stays root's, and takes in what an attendee's programs leave behind.
setpriv --reuid="$account" --regid="$account" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"

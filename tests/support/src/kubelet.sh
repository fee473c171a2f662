# What a kubelet does to mount volumes, and a runtime to make a root file system, in a mount namespace. $node is an empty directory, $root the
# root file system in it, $group what fsGroup is. The modes are those of pkg/volume of Kubernetes 1.29.

# The root file system of a container: what is in it belongs to root, and nothing of the machine's but its programs is in it.
make_root() {
    mount -t tmpfs -o mode=0755 none "$node"
    mkdir "$node/volumes" "$root"
    mount -t tmpfs -o mode=0755 none "$root"
    (cd "$root" && mkdir etc opt tmp var var/lib programs proc dev usr volume && chmod 1777 tmp && ln -s usr/bin usr/lib usr/lib64 usr/sbin . &&
        echo root:x:0:0::/: > etc/passwd)
    mount --bind "$programs" "$root/programs"
    for place in usr proc dev; do mount --rbind "/$place" "$root/$place"; done
}

# volume NAME KIND: an empty one.
volume() {
    mkdir -m 0755 "$node/volumes/$1"
    case $2 in
        # pkg/volume/emptydir: in memory it is the mode of a new tmpfs, and otherwise `perm`. Secrets and projected volumes are in memory.
        secret | projected) mount -t tmpfs -o mode=1777 none "$node/volumes/$1" ;;
        configMap | emptyDir) chmod 0777 "$node/volumes/$1" ;;
        persistentVolumeClaim) ;;
    esac
}

# payload NAME DIRECTORY VERSION [MODE]: pkg/volume/util/atomic_writer.go. What is in the directory is in the volume then, all at once.
payload() {
    (
        cd "$node/volumes/$1" && mkdir -m 0755 "..$3" && cp -R "$2/." "..$3" && find "..$3" -type f -exec chmod "${4:-0644}" {} +
        old=$(readlink ..data || true)
        ln -s "..$3" ..data_tmp && mv -T ..data_tmp ..data
        for name in $(ls "..$3"); do [ -L "$name" ] || ln -s "..data/$name" "$name"; done
        for name in *; do [ -e "$name" ] || rm "$name"; done
        [ -z "$old" ] || rm -r "$old"
    )
    give "$1" "g+r" "g+rxs"
}

# give NAME FILES DIRECTORIES: pkg/volume/volume_linux.go, with `roMask` or `rwMask`. A link has no mode.
give() {
    [ -n "$group" ] || return 0
    find "$node/volumes/$1" -exec chgrp -h "$group" {} + -type f -exec chmod "$2" {} + -o -type d -exec chmod "$3" {} +
}

# bind NAME PATH OPTIONS [SUBPATH]: mounts a volume, or what is in it, in the container.
bind() {
    from=$node/volumes/$1${4:+/$4} to=$root$2
    # pkg/volume/util/subpath: with the mode of the volume.
    [ -z "${4:-}" ] || [ -e "$from" ] || mkdir -m "$(stat -c %a "$node/volumes/$1")" "$from"
    if [ -d "$from" ]; then mkdir -p "$to"; else mkdir -p "${to%/*}" && : > "$to"; fi
    mount --bind "$from" "$to"
    [ "$3" != ro ] || mount -o remount,bind,ro "$to"
}

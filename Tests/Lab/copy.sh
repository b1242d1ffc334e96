# shellcheck shell=bash
# A copy of the checkout in which something is broken on purpose; for the scripts beside this one, which set $root.

# shellcheck source=deploy/lib/say.sh
. "$root/deploy/lib/say.sh"

# Where the copy is made: the directory of --in, or a temporary one when it is empty.
copy=''

# take_directory "$@": sets copy to what follows --in.
take_directory() {
  (($# > 1)) && [[ $2 ]] || usage_error "--in needs a directory"
  copy=$2
}

# Makes the directory of the copy. A temporary one is removed at the end; of a run that failed its logs stay.
make_copy() {
  [[ ${TEST_POSTGRES:-} ]] || DIE_STATUS=2 die "set TEST_POSTGRES to a Postgres for tests"
  if [[ ! $copy ]]; then
    copy=$(mktemp -d)
    trap 'leave_copy "$?"' EXIT
  fi
  mkdir -p "$copy"
  copy=$(cd "$copy" && pwd)
  [[ ! $copy -ef $root ]] || DIE_STATUS=2 die "--in must not be the checkout itself: it would be broken"
  step "Copying the checkout to $copy"
  restore
}

leave_copy() {
  if (($1 != 0)); then
    find "$copy" -mindepth 1 -maxdepth 1 ! -name '.lab-*.log' -exec rm -rf {} +
    rmdir "$copy" 2>/dev/null || say "The logs are in $copy." >&2
  else
    rm -rf "$copy"
  fi
}

# Brings everything back that git knows. Files keep the times they have in the checkout, so that only what a patch changed is built
# anew.
restore() {
  (cd "$root" && git ls-files -z | xargs -0 cp --parents --no-dereference --preserve=mode,timestamps --target-directory "$copy")
}

# build_copy OPTION...
build_copy() {
  (cd "$copy" && swift build "$@" >"$copy/.lab-build.log" 2>&1) || {
    grep -E 'error:' "$copy/.lab-build.log" | sort -u | head -n 20 >&2
    die "the copy does not build: see $copy/.lab-build.log"
  }
}

# field NAME FIELD: a line of the head of a patch in $patches.
field() { sed -n "1,/^\$/s/^$2: //p" "$patches/$1.patch"; }

# choose_patches WHAT NAME...: sets names to these, or to all of $patches.
choose_patches() {
  local what=$1 name file
  shift
  names=("$@")
  if ((${#names[@]} == 0)); then
    for file in "$patches"/*.patch; do names+=("$(basename "$file" .patch)"); done
  fi
  for name in "${names[@]}"; do [[ -f $patches/$name.patch ]] || usage_error "there is no $what \"$name\""; done
}

# Looks whether each of $names fits the copy.
check_patches() {
  local name
  step "Looking whether the patches fit"
  for name in "${names[@]}"; do
    (cd "$copy" && git -c core.safecrlf=false apply --check --unsafe-paths "$patches/$name.patch") ||
      die "$name does not fit any more: write it anew"
  done
}

apply_patch() { (cd "$copy" && git apply --unsafe-paths "$patches/$1.patch"); }

# shellcheck shell=bash
# One project of docker-compose, with settings of its own. The caller sets project, the array project_files (the arguments that name
# its files), image, and work, a private directory.

: "${project:=}" "${image:=}" "${work:=}"

# Sets compose: the program, as it is called. Ends with 2 without one.
find_compose() {
  DIE_STATUS=2
  command -v docker >/dev/null || die "docker is missing: install Docker, or Debian's docker.io and docker-compose"
  docker info >/dev/null 2>&1 || die "docker does not answer: start its daemon, or set DOCKER_HOST"
  if docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
  elif command -v docker-compose >/dev/null; then
    compose=(docker-compose)
  else
    die "docker-compose is missing: install it, or docker's compose plugin"
  fi
  unset DIE_STATUS
}

# Sets project and project_files as docker-compose has them in a folder: name_project FOLDER
name_project() {
  local folder
  folder=$(cd "$1" && pwd)
  project=${COMPOSE_PROJECT_NAME:-}
  if [[ ! $project && -f $folder/.env ]]; then project=$(sed -n 's/^COMPOSE_PROJECT_NAME=//p' "$folder/.env"); fi
  if [[ ! $project ]]; then
    project=${folder##*/} project=${project,,}
    project=${project//[^a-z0-9_-]/}
  fi
  project_files=(--project-directory "$folder" --file "$folder/docker-compose.yml")
}

in_project() { "${compose[@]}" --project-name "$project" "${project_files[@]}" "$@"; }

# Runs a command of docker-compose, and shows what it said only when it fails.
quietly() {
  local status=0
  "$@" >"$work/said" 2>&1 </dev/null || status=$?
  ((status == 0)) || tail -n 15 "$work/said" >&2
  return "$status"
}

# The containers of a service, or of all: containers [SERVICE]
containers() {
  docker ps --filter "label=com.docker.compose.project=$project" ${1:+--filter "label=com.docker.compose.service=$1"} \
    --format '{{.Names}}' | sort
}

# Those that run without a health check, or are found healthy.
healthy_count() {
  docker ps --filter "label=com.docker.compose.project=$project" --format '{{.Status}}' | grep -cvE 'starting|unhealthy|Restarting'
}

# await SECONDS WHAT COMMAND...: until the command succeeds.
await() {
  local seconds=$1 what=$2 began=$SECONDS
  shift 2
  until "$@"; do
    ((SECONDS - began < seconds)) || die "$what was not so within $seconds s"
    sleep 0.5
  done
}

# The first process of a container, as the host counts it; 0 when it does not run.
program_of() { docker inspect --format '{{.State.Pid}}' "$1"; }

# Kills programs of containers from outside, as the kernel does when memory is short: kill_programs PID... `docker kill` counts as
# a wish that they stay away, after which Docker starts nothing again.
kill_programs() {
  docker run --rm --pid host --network none --user 0 --entrypoint bash "$image" -c "kill -KILL $*"
}

# Its program is another one than PID, and it is not down: runs_anew NAME PID
runs_anew() {
  local now
  now=$(program_of "$1")
  ((now > 0 && now != $2))
}

# In the order in which a new version comes in: those who are called before those who call.
exchanged_services=(customer-service conversation-service messaging-service inbound-gateway api-gateway outbound-worker)

# Puts new containers of a service in the place of those that run, which end once the new ones are healthy: exchange SERVICE
exchange() {
  local service=$1 old
  mapfile -t old < <(containers "$service")
  ((${#old[@]})) || die "no $service runs"
  quietly in_project up --detach --no-deps --no-recreate --scale "$service=$((2 * ${#old[@]}))" "$service" ||
    die "no new $service could be started; the old one goes on"
  await 60 "that the new $service is healthy" all_are_healthy "$service"
  # haproxy and the others have found the new ones.
  sleep 3
  docker stop --time 30 "${old[@]}" >/dev/null
  docker rm "${old[@]}" >/dev/null
}

all_are_healthy() {
  ! docker ps --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1" \
    --format '{{.Status}}' | grep -qvE '\(healthy\)'
}

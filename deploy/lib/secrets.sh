# shellcheck shell=bash
# The secrets of an installation: made once, from the kernel's random numbers.

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Prints one NAME=value line for each secret. All but MASTER_KEY are hexadecimal, so they need no escaping in a URL.
new_secrets() {
  local name
  # 48 hexadecimal digits are 192 random bits.
  for name in POSTGRES OWNER GATEWAY INBOUND CUSTOMERS CONVERSATIONS MESSAGING MESSAGING_ENGINE; do
    printf '%s_PASSWORD=%s\n' "$name" "$(random_hex 24)"
  done
  printf 'OPERATOR_KEY=%s\n' "$(random_hex 24)"
  printf 'KEY_PEPPER=%s\n' "$(random_hex 32)"
  printf 'SERVICE_TOKEN_SECRET=%s\n' "$(random_hex 32)"
  # Base64 of 32 bytes: a key of AES-256.
  printf 'MASTER_KEY=%s\n' "$(head -c 32 /dev/urandom | base64 | tr -d '\n')"
}

# Flattens a JSON document on standard input to lines of "path<TAB>value", such as "data.0.state<TAB>queued".
#
# For answers of our own gateway: valid JSON, read without jq. Newlines and tabs in strings become spaces; \uXXXX stays.
{ text = text $0 "\n" }
END { position = 1; value("") }

function skip() { while (index(" \t\r\n", substr(text, position, 1)) && position <= length(text)) position++ }
function join_path(path, key) { return path == "" ? key : path "." key }

function value(path,    first) {
    skip()
    first = substr(text, position, 1)
    if (first == "{") members(path, "}")
    else if (first == "[") members(path, "]")
    else if (first == "\"") print path "\t" string()
    else print path "\t" word()
}

# The members of an object, or the elements of an array, up to `close_mark`.
function members(path, close_mark,    key, number) {
    position++
    for (number = 0; position <= length(text); number++) {
        skip()
        if (substr(text, position, 1) == ",") { position++; skip() }
        if (substr(text, position, 1) == close_mark) { position++; return }
        key = number
        if (close_mark == "}") { key = string(); skip(); position++ }
        value(join_path(path, key))
        skip()
    }
}

function string(    result, letter) {
    result = ""
    for (position++; position <= length(text); position++) {
        letter = substr(text, position, 1)
        if (letter == "\"") { position++; return result }
        if (letter == "\\") {
            letter = substr(text, ++position, 1)
            if (letter ~ /[nrtbf]/) letter = " "
            else if (letter == "u") letter = "\\u"
        }
        result = result letter
    }
    return result
}

function word(    start) {
    start = position
    while (position <= length(text) && !index(",]} \t\r\n", substr(text, position, 1))) position++
    if (position == start) position++
    return substr(text, start, position - start)
}

#include <zlib.h>

// Swift imports no macro with arguments, and `deflateInit2` is one. 16 more than the window asks for gzip's header and
// checksum in the place of zlib's own.
static inline int herald_gzip_init(z_stream *stream) {
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int herald_gunzip_init(z_stream *stream) {
    return inflateInit2(stream, MAX_WBITS + 16);
}

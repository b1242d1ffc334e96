#ifndef HERALD_PHONE_NUMBERS_H
#define HERALD_PHONE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Swift imports no C++ of libphonenumber's kind: what we ask of it, as C. Nothing here throws, and no memory changes hands.

typedef enum {
    HERALD_PHONE_READ,
    HERALD_PHONE_NO_NUMBER,
    HERALD_PHONE_UNKNOWN_CALLING_CODE,
    HERALD_PHONE_TOO_SHORT,
    HERALD_PHONE_TOO_LONG,
    HERALD_PHONE_WRONG_LENGTH,
    // It has the right length, but the region has no such numbers. Of texts in national form only.
    HERALD_PHONE_NOT_IN_REGION,
    // In national form it is one number, and with + before it another.
    HERALD_PHONE_AMBIGUOUS,
    HERALD_PHONE_HAS_EXTENSION,
} herald_phone_outcome;

// The raw values are those of libphonenumber's PhoneNumberType.
typedef struct {
    // The two letters of the region, the first in the higher byte; 0 where there is none, or several could be meant.
    uint16_t region;
    int32_t type;
} herald_phone_details;

// Reads `length` bytes of ASCII. `region` is two letters for texts without +, or "ZZ". `digits` becomes those of E.164.
herald_phone_outcome herald_phone_read(const char *text, size_t length, const char *region, uint64_t *digits);

// Says what is known of a number in E.164.
herald_phone_details herald_phone_describe(const char *text, size_t length);

// Whether libphonenumber knows a region, of two letters.
bool herald_phone_knows_region(const char *region);

#ifdef __cplusplus
}
#endif

#endif

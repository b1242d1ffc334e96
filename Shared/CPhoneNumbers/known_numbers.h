#ifndef HERALD_KNOWN_NUMBERS_H
#define HERALD_KNOWN_NUMBERS_H

#include "CPhoneNumbers.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

// What the numbering plans said of numbers lately. To ask them takes 6 to 20 microseconds, and a message asks twice: when its
// recipient is read, and when it is shown.
//
// One word for each number, so that no lock is needed and nothing is half written: 50 bits for up to 15 digits, 10 for the two
// letters of the region, 4 for the type. A number is kept in one place only, and the next one that belongs there replaces it:
// 256 KiB, whatever is asked.
class KnownNumbers {
public:
    // Only of numbers that are read as themselves.
    void keep(uint64_t digits, const herald_phone_details &details) {
        const uint64_t region = packed(details.region);
        this->place(digits).store(digits << 14 | region << 4 | uint64_t(details.type), std::memory_order_relaxed);
    }

    // Never of 0, which is no number.
    bool find(uint64_t digits, herald_phone_details *details) {
        if (digits == 0) return false;
        const uint64_t word = this->place(digits).load(std::memory_order_relaxed);
        if (word >> 14 != digits) return false;
        *details = {unpacked(word >> 4 & 0x3FF), int32_t(word & 0xF)};
        return true;
    }

private:
    static constexpr int bits = 15;

    std::array<std::atomic<uint64_t>, size_t(1) << bits> words = {};

    // By Knuth's multiplicative hash: numbers of one campaign follow each other.
    std::atomic<uint64_t> &place(uint64_t digits) { return this->words[(digits * 0x9E3779B97F4A7C15) >> (64 - bits)]; }

    // Letters from 1 on, five bits each.
    static uint64_t packed(uint16_t region) {
        return region == 0 ? 0 : uint64_t((region >> 8) - '@') << 5 | uint64_t((region & 0xFF) - '@');
    }

    static uint16_t unpacked(uint64_t letters) {
        return letters == 0 ? 0 : uint16_t(((letters >> 5) + '@') << 8 | ((letters & 0x1F) + '@'));
    }
};

#endif

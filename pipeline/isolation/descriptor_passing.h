/// Messages over a SOCK_SEQPACKET pair, with file descriptors beside them (SCM_RIGHTS).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "pipeline/io/unique_fd.h"

namespace datavet::isolation {

inline constexpr std::size_t most_descriptors = 3;

struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};

/// Both ends are closed by exec; neither is below 3, whatever standard descriptors the host has closed.
std::optional<SocketPair> make_socket_pair();

/// Sends one message. False when the other end is gone, or does not read.
bool send_message(int socket, std::span<const std::byte> message, std::span<const int> descriptors = {});

struct Received {
  std::size_t size = 0; ///< 0 = the other end closed; larger than the buffer = the message was cut
  std::array<UniqueFd, most_descriptors> descriptors;
};

/// Receives one message and the descriptors with it; waits. Empty on an error.
std::optional<Received> receive_message(int socket, std::span<std::byte> into);

enum class Readiness : unsigned char { ready, expired, failed };

/// Waits until something can be read, a closed end included.
Readiness wait_readable(int socket, std::chrono::milliseconds most);

} // namespace datavet::isolation

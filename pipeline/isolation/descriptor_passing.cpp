#include "pipeline/isolation/descriptor_passing.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace datavet::isolation {

namespace {

/// The descriptor itself, or a copy above the standard three: a host that closed its stdin would else
/// see its socket replaced by /dev/null in the child.
UniqueFd above_standard(int descriptor) {
  UniqueFd owned(descriptor);
  if (descriptor > STDERR_FILENO || descriptor < 0) return owned;
  return UniqueFd(fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

union DescriptorSpace {
  cmsghdr aligned;
  std::array<char, CMSG_SPACE(sizeof(int) * most_descriptors)> bytes;
};

} // namespace

std::optional<SocketPair> make_socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  SocketPair pair{above_standard(ends[0]), above_standard(ends[1])};
  if (!pair.ours || !pair.theirs) return std::nullopt;
  return pair;
}

bool send_message(int socket, std::span<const std::byte> message, std::span<const int> descriptors) {
  iovec bytes{const_cast<std::byte *>(message.data()), message.size()}; // sendmsg only reads
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  DescriptorSpace space{};
  if (!descriptors.empty()) {
    header.msg_control = space.bytes.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr *control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(control), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t sent;
  do sent = sendmsg(socket, &header, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(message.size());
}

std::optional<Received> receive_message(int socket, std::span<std::byte> into) {
  iovec bytes{into.data(), into.size()};
  DescriptorSpace space{};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  header.msg_control = space.bytes.data();
  header.msg_controllen = space.bytes.size();
  ssize_t size;
  do size = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_TRUNC);
  while (size < 0 && errno == EINTR);
  if (size < 0) return std::nullopt;
  Received received;
  received.size = static_cast<std::size_t>(size);
  for (cmsghdr *control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    std::array<int, most_descriptors> numbers{};
    const std::size_t count = std::min((control->cmsg_len - CMSG_LEN(0)) / sizeof(int), most_descriptors);
    std::memcpy(numbers.data(), CMSG_DATA(control), count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i) received.descriptors[i] = UniqueFd(numbers[i]);
  }
  return received;
}

Readiness wait_readable(int socket, std::chrono::milliseconds most) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + most;
  for (;;) {
    // Rounded up, or the last part of a millisecond would be spun away.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    const auto slice =
        std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, std::numeric_limits<int>::max());
    pollfd waiting{socket, POLLIN, 0};
    const int count = poll(&waiting, 1, static_cast<int>(slice));
    if (count > 0) return (waiting.revents & POLLNVAL) != 0 ? Readiness::failed : Readiness::ready;
    if (count == 0 && Clock::now() >= end) return Readiness::expired;
    if (count < 0 && errno != EINTR) return Readiness::failed;
  }
}

} // namespace datavet::isolation

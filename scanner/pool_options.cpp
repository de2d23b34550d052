#include "scanner/pool_options.h"

#include "formats/registry.h"

namespace datavet {

PoolOptions pool_options(const DecoderOptions &options, const Limits &limits, unsigned workers) {
  PoolOptions pool;
  pool.worker_directory = options.worker_directory;
  pool.workers_per_family = workers;
  pool.memory_bytes = options.memory_bytes;
  pool.base_time = options.time_per_sample;
  pool.limits = limits;
  pool.formats = registry();
  switch (options.isolation) {
  case Isolation::automatic: pool.sandbox = PoolOptions::Sandbox::automatic; break;
  case Isolation::required: pool.sandbox = PoolOptions::Sandbox::required; break;
  case Isolation::off: pool.sandbox = PoolOptions::Sandbox::off; break;
  }
  return pool;
}

} // namespace datavet

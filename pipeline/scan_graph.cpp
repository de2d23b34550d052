#include "pipeline/scan_graph.h"

#include <atomic>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <tuple>

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include "pipeline/batch_stack.h"
#include "pipeline/growth_gate.h"

namespace datavet {

namespace flow = oneapi::tbb::flow;

namespace {

/// The right to hold one batch and its buffer. The batches themselves come from a stack: the graph's own nodes would
/// pass them round in turn, each out of the cache when its turn comes.
struct Token {};
using Job = std::tuple<FileCursorPtr, Token>;
using FillOutputs = std::tuple<SampleBatchPtr, FileCursorPtr, flow::continue_msg>;
using FillNode = flow::multifunction_node<Job, FillOutputs>;

/// Parts of one file on all threads of the arena. Isolated: a thread that waits for the others' parts takes no
/// other file meanwhile, which would hold this one up.
class SharedByThreads final : public WorkSharing {
public:
  std::vector<std::unique_ptr<Worker>> share(std::size_t parts, const std::function<std::unique_ptr<Worker>()> &make) override {
    oneapi::tbb::enumerable_thread_specific<std::unique_ptr<Worker>> workers(make);
    oneapi::tbb::this_task_arena::isolate([&] {
      oneapi::tbb::parallel_for(std::size_t{0}, parts, [&](std::size_t part) { workers.local()->run(part); });
    });
    std::vector<std::unique_ptr<Worker>> all;
    for (std::unique_ptr<Worker> &worker : workers) all.push_back(std::move(worker));
    return all;
  }
};

/// enumerate -> [open_groups] -> unfinished --+
///                                            +-- pair_up -> fill -> check -> decide -> deliver -> tokens
///                                tokens -----+                (fill sends unfinished cursors back)
class ScanGraph {
public:
  ScanGraph(ScanSteps &steps, const GraphLimits &limits, std::stop_token stop)
      : steps_(steps), stop_(std::move(stop)), gate_(limits.large_bytes), batches_(limits.buffer_bytes), most_split_off_(limits.open_groups),
        enumerate_(graph_, [this](oneapi::tbb::flow_control &control) { return next_group(control); }),
        open_groups_(graph_, limits.open_groups),
        unfinished_(graph_),
        tokens_(graph_),
        pair_up_(graph_),
        fill_(graph_, flow::unlimited, [this](const Job &job, FillNode::output_ports_type &out) { fill_one(job, out); }),
        check_(graph_, flow::unlimited, [this](const SampleBatchPtr &batch) { return check(steps_.check, batch); }),
        decide_(graph_, flow::unlimited, [this](const CheckedBatchPtr &batch) { return decide(steps_.rules, batch); }),
        deliver_(graph_, flow::serial, [this](const DecidedBatchPtr &batch) { return deliver(batch); }) {
    flow::make_edge(enumerate_, open_groups_);
    flow::make_edge(open_groups_, unfinished_);
    flow::make_edge(unfinished_, flow::input_port<0>(pair_up_));
    flow::make_edge(tokens_, flow::input_port<1>(pair_up_));
    flow::make_edge(pair_up_, fill_);
    flow::make_edge(flow::output_port<0>(fill_), check_);
    flow::make_edge(flow::output_port<1>(fill_), unfinished_);
    flow::make_edge(flow::output_port<2>(fill_), open_groups_.decrementer());
    flow::make_edge(check_, decide_);
    flow::make_edge(decide_, deliver_);
    flow::make_edge(deliver_, tokens_);
    for (std::size_t i = 0; i < limits.buffers; ++i) tokens_.try_put({});
    steps_.check.sharing = &sharing_;
  }

  Result<void> run() {
    // The barrier around the check of a sample keeps its trouble inside; what ends here is the scan's own.
    try {
      enumerate_.activate();
      graph_.wait_for_all();
    } catch (const std::bad_alloc &) {
      return Error{Error::Kind::incomplete, "out of memory; give the scan less to hold at once: --memory, -j"};
    } catch (const std::exception &error) {
      return Error{Error::Kind::incomplete, std::string("the scan could not go on: ") + error.what()};
    }
    return failure_ ? Result<void>(*failure_) : Result<void>();
  }

private:
  FileCursorPtr next_group(oneapi::tbb::flow_control &control) {
    std::optional<FileGroup> group;
    if (!stopping()) group = steps_.walk.next();
    if (steps_.progress != nullptr) {
      steps_.progress->files_found = steps_.walk.counts().files;
      if (!group) steps_.progress->all_found = true;
    }
    if (!group) {
      control.stop();
      return nullptr;
    }
    auto cursor = std::make_shared<FileCursor>();
    cursor->group = std::move(*group);
    return cursor;
  }

  void fill_one(const Job &job, FillNode::output_ports_type &out) {
    const FileCursorPtr &cursor = std::get<FileCursorPtr>(job);
    if (stopping()) {
      tokens_.try_put({});
      cursor_done(*cursor, out);
      return;
    }
    SampleBatchPtr batch = batches_.take();
    MayGrow may_grow = [&](std::uint64_t bytes) {
      if (!gate_.try_enter(bytes)) return false;
      batch->buffer.granted += bytes;
      return true;
    };
    const CursorState state = fill(steps_.fill, *cursor, *batch, may_grow);
    if (FileCursorPtr rest = rest_of(*cursor)) std::get<1>(out).try_put(std::move(rest));
    switch (state) {
    case CursorState::done: cursor_done(*cursor, out); break;
    case CursorState::unfinished: std::get<1>(out).try_put(cursor); break;
    case CursorState::parked:
      if (!gate_.park(cursor)) std::get<1>(out).try_put(cursor);
      break;
    }
    // Last, as a thread goes on with what it was given last: with this batch, while its bytes are in the cache.
    std::get<0>(out).try_put(std::move(batch));
  }

  /// The files behind one that is being streamed, for other threads to begin with; a few at a time, as each may be
  /// large too, and then holds an open file.
  FileCursorPtr rest_of(FileCursor &cursor) {
    if (split_off_.fetch_add(1) < most_split_off_)
      if (FileCursorPtr rest = cursor.split_off_rest()) return rest;
    --split_off_;
    return nullptr;
  }

  void cursor_done(const FileCursor &cursor, FillNode::output_ports_type &out) {
    if (cursor.split_off)
      --split_off_;
    else
      std::get<2>(out).try_put({}); // makes room for another group
  }

  Token deliver(const DecidedBatchPtr &decided) {
    if (!failed_) {
      if (Result<void> delivered = steps_.delivery.deliver(decided); !delivered) {
        failure_ = delivered.error();
        failed_ = true;
      }
    }
    const std::uint64_t granted = std::exchange(decided->batch->buffer.granted, 0);
    batches_.give_back(std::move(decided->batch));
    if (granted > 0)
      for (FileCursorPtr &cursor : gate_.leave(granted)) unfinished_.try_put(std::move(cursor));
    return {};
  }

  bool stopping() const { return failed_ || stop_.stop_requested(); }

  SharedByThreads sharing_;
  ScanSteps &steps_;
  std::stop_token stop_;
  GrowthGate gate_;
  BatchStack batches_;
  std::optional<Error> failure_; ///< written by deliver only, read after the end
  std::atomic<bool> failed_{false};
  std::atomic<std::size_t> split_off_{0};
  const std::size_t most_split_off_;

  flow::graph graph_;
  flow::input_node<FileCursorPtr> enumerate_;
  flow::limiter_node<FileCursorPtr> open_groups_;
  flow::queue_node<FileCursorPtr> unfinished_;
  flow::buffer_node<Token> tokens_;
  flow::join_node<Job, flow::reserving> pair_up_;
  FillNode fill_;
  flow::function_node<SampleBatchPtr, CheckedBatchPtr> check_;
  flow::function_node<CheckedBatchPtr, DecidedBatchPtr, flow::lightweight> decide_;
  flow::function_node<DecidedBatchPtr, Token> deliver_;
};

} // namespace

Result<void> run_scan_graph(ScanSteps &steps, const GraphLimits &limits, std::stop_token stop) {
  return ScanGraph(steps, limits, std::move(stop)).run();
}

} // namespace datavet

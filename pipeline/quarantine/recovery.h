/// Settles what a killed run left: every operation that was announced and not concluded.
#pragma once

#include <datavet/result.h>

#include "pipeline/quarantine/journal.h"
#include "pipeline/quarantine/quarantine.h"

namespace datavet {

/// The journal says what was meant, the disk says how far it went:
///   set aside     not there           -> undone: the part of a copy is removed, nothing else happened
///                 there, as announced -> finished: the source, if it still is the same, is unlinked
///                 there, but other    -> error; nothing is touched
///   put back      not there           -> undone: it is in quarantine as before
///                 there, same bytes   -> finished
///                 there, but other    -> left alone, what is in quarantine stays there
/// Idempotent: it may be killed too. Needs a journal opened to write.
Result<void> settle(Journal &journal, int quarantine_folder, QuarantineNotes &problems);

} // namespace datavet

// Package remote takes the order of entries from another registry: it reads that
// log's checkpoint and tiles (c2sp.org/tlog-tiles) and enters nothing.
//
// Nothing of what it is sent is believed. A checkpoint is opened with a trust file:
// signed by the log, dated by the registry, cosigned by as many witnesses as the
// file asks for. Every entry is proved to be in the tree of such a checkpoint
// before it is handed on, and the root of all that was handed on before to be that
// of the tree's own past. Who signed an entry, and whether they might, is for
// whoever enters it to check.
//
// What cannot be had is not yet a lie: it is asked for again, later and later. What
// is not as it should be is asked for once more, past all caches, and is then a
// [sequencer.Fault].
package remote

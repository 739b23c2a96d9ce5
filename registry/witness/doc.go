// Package witness answers whether a log shows everybody the same history, by the
// protocol of c2sp.org/tlog-witness v1.0.0, from both sides of it.
//
// [Offers] offers the checkpoints of a registry to witnesses, and gives the
// registry the lines they put under them. [Server] is a witness: it cosigns a
// checkpoint of a log it was told to watch if its tree continues the last one it
// cosigned, and what does not, it refuses and keeps as evidence. It says nothing
// of what the entries mean; that is for who audits the log.
//
// A witness has one memory: two processes with the same key and different
// folders could be shown two histories and cosign both. The folder is therefore
// locked, and must never be brought back from a copy.
//
// The body of a request to add-checkpoint: the size of the checkpoint that the
// witness cosigned last, the proof that the new tree continues that one, an
// empty line, and the signed checkpoint ([Server]):
//
//	old 1
//	HZ/7xJF/lOq9VfUY/4pdPZx6J0m0wSXIzMhu/c8BNBk=
//
//	reg.example.jp/log
//	2
//	W8XqDVNf71MFmnYOPoNkK+yrwQOGMo2Bilm2sHar3cY=
//
//	— reg.example.jp/log U280q7bDaE4GYeqhjqzea7QUStLWq94VOgYZVWMl4Sjqgztu54YiqYyFsnaOEwlvw2Yp6/eMH4fQ8x3NVkc1dyaCTQg=
package witness

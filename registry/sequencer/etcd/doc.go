// Package etcd lets an etcd cluster decide the order of a log's entries, so that
// several nodes can enter some and the loss of a minority of the cluster stops
// nobody.
//
// Under a prefix of its own stand
//
//	PREFIX/head                the signed checkpoint of the log
//	PREFIX/log/FIRST           a batch: the index of its first entry in 16 hexadecimal digits
//
// A batch is written in one transaction with the head, which must still be the
// one that the batch follows. So there is one history, whoever writes, and nobody
// is elected: every node holds the log's key. What a node reads here it believes
// no more than anything else from outside: the registry checks all of it.
//
// The cluster keeps recent weeks only ([Cluster.Prune]). The whole log is in the
// file of every node, and who comes late copies it from one. Whoever can write to
// the cluster can stop the log, and forge nothing.
package etcd

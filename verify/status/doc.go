// Package status answers offline how a label or declaration stands, from two
// things the registry signed: a token, printed as a QR code, that says which
// label it is, by whom, until which day and at which place of which list it
// stands; and a status list, fetched now and then, that says what became of it
// (draft-ietf-oauth-status-list-21).
//
// [Check] puts the two together. It never says that a label is recognised
// anywhere: that takes the whole record, and [verify.Judge].
package status

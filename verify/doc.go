// Package verify is the law of the registry: what a code is, what may be said
// about it and by whom, what the statements made so far amount to, and what
// that counts for in the other country.
//
// Facts come in, a [Verdict] comes out of [Judge]. The package reads no clock,
// no file and no network; the instant is part of the [Question]. "No", "not
// known" and "never heard of it" are answers, so Judge returns no error.
//
// The rules are those of the Memorandum of Cooperation between Japan's Ministry
// of Economy, Trade and Industry and the United Kingdom's Department for
// Science, Innovation and Technology (cited as moc), of the Product Security
// and Telecommunications Infrastructure Act 2022 (psti-act-2022) and of the
// regulations under it (si-2023-1007, si-2025-1267). Where they are silent or
// their meaning is not published, the answer is that it is undetermined, and
// why; nothing is filled in.
//
// It imports the standard library only, so that anybody can read and reuse it.
package verify

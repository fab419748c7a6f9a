// Package linkage finds the records that belong to one person, within one list and
// across lists, where no common number tells.
//
// The method is that of Fellegi & Sunter (1969), with the levels of Winkler (1988)
// and estimation as in Enamorado, Fifield & Imai (2019). Read takes CSV of any
// usual make. Link guesses what each column holds, learns from the data how often
// fields of one person agree (m) and how often those of two persons do (u), chooses
// keys under which records are compared, weighs every compared pair by log2(m/u)
// field by field, and joins records into persons.
//
// What is done differently from other programs, and why:
//
//   - Everything is computed from records in an order that their content gives, and
//     sums are taken over integer counts in a fixed order. The same lists give the
//     same result to the bit, for any order of rows and any number of processors.
//   - Non-match chances are learned from random pairs, match chances from pairs that
//     agree on one of several keys, the key's own fields left out; keys that tell
//     another story than the rest are left out.
//   - Fields that hang together (postcode and city, street and city) are found and
//     counted once: see dependence.
//   - Exact agreement weighs by the frequency of the value that agrees.
//   - Clusters are joined by the mean of all evidence between them, not by a chain of
//     single pairs, and a list that holds each person once keeps doing so.
//   - The errors that are to be expected are estimated and handed on: see Rates.
//
// Packages clk and psi link lists that may not be shown to each other.
package linkage

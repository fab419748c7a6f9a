package text

import (
	"errors"
	"testing"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestRounds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		const id = "sample-summary"
		r.must(func(tx *store.Tx) error { _, err := r.Create(tx, sampleDocument(), "p1"); return err })
		r.must(func(tx *store.Tx) error { _, err := r.Fix(tx, id, r.draftIn(tx, id).Edit, "", "p1"); return err })
		day := func(n int) locale.Date { return locale.Date{Year: 2026, Month: 12, Day: n} }
		var round Round
		r.must(func(tx *store.Tx) (err error) {
			round, err = r.OpenRound(tx, id, 1, day(10), "Europe/Vienna")
			return err
		})
		if end, err := round.Deadline(); err != nil || !end.Equal(time.Date(2026, 12, 10, 23, 0, 0, 0, time.UTC)) {
			t.Error(end, err)
		}
		for name, fn := range map[string]func(tx *store.Tx) error{
			"a day that is over": func(tx *store.Tx) error {
				_, err := r.OpenRound(tx, id, 1, locale.Date{Year: 2026, Month: 11, Day: 22}, "UTC")
				return err
			},
			"a month": func(tx *store.Tx) error {
				_, err := r.OpenRound(tx, id, 1, locale.Date{Year: 2026, Month: 12}, "UTC")
				return err
			},
			"no zone":         func(tx *store.Tx) error { _, err := r.OpenRound(tx, id, 1, day(10), "Vienna"); return err },
			"no such version": func(tx *store.Tx) error { _, err := r.OpenRound(tx, id, 2, day(10), "UTC"); return err },
			"an unknown round": func(tx *store.Tx) error {
				_, _, err := r.Comment(tx, id, []Comment{{Text: "x", Round: "none"}})
				return err
			},
			"an answer to nothing": func(tx *store.Tx) error {
				_, _, err := r.Comment(tx, id, []Comment{{Text: "x", Thread: "none"}})
				return err
			},
			"a comment without one": func(tx *store.Tx) error { _, _, err := r.Comment(tx, id, []Comment{{Part: "b1"}}); return err },
		} {
			if err := r.do(fn); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		var in Invitation
		var ids []CommentID
		r.must(func(tx *store.Tx) (err error) {
			if in, err = r.Invite(tx, id, round.ID, Author{Person: "p7", Name: "Sample Speaker"}, "seat-7"); err != nil {
				return err
			}
			ids, _, err = r.Comment(tx, id, []Comment{{Part: "b2", Lang: "en", Range: &Selector{Exact: "on harm"}, Text: "Say which harm.", Author: Author{Person: "p7"}, Round: round.ID, Version: 1}})
			return errors.Join(err, r.Answer(tx, id, in.ID))
		})
		r.now = r.now.Add(time.Hour)
		var answer []CommentID
		r.must(func(tx *store.Tx) (err error) {
			answer, _, err = r.Comment(tx, id, []Comment{{Thread: ids[0], Text: "We will.", Author: Author{Person: "p1"}}})
			return err
		})
		r.must(func(tx *store.Tx) error { // an answer to the answer
			_, _, err := r.Comment(tx, id, []Comment{{Thread: answer[0], Text: "Thank you.", Author: Author{Person: "p7"}, At: r.now.Add(time.Second)}})
			return err
		})
		r.must(func(tx *store.Tx) error { return r.Resolve(tx, id, ids[0], "p1") })
		r.must(func(tx *store.Tx) error {
			all, err := r.Comments(tx, id)
			if len(all) != 3 || all[1].Thread != ids[0] || all[2].Thread != ids[0] || all[2].Part != "b2" || all[0].Resolved.IsZero() || all[0].Resolver.Person != "p1" {
				t.Errorf("%+v", all)
			}
			d := r.draftIn(tx, id)
			if m := all[0].Place(&d.Document); m.Outcome != Found || d.Sections[0].Blocks[1].Text["en"].Text[m.Start:m.End] != "on harm" {
				t.Errorf("%+v", m)
			}
			d.Sections[0].Blocks[1].Text = en("Speakers asked for data.")
			if m := all[0].Place(&d.Document); m.Outcome != NotFound {
				t.Errorf("%+v", m)
			}
			return err
		})
		r.must(func(tx *store.Tx) error { return r.Reopen(tx, id, ids[0]) })
		if err := r.do(func(tx *store.Tx) error { return r.Resolve(tx, id, answer[0], "p1") }); !errors.Is(err, ErrNotFound) {
			t.Error("an answer was resolved:", err)
		}
		// Too late, until it is prolonged.
		late := func() error {
			return r.do(func(tx *store.Tx) error {
				_, _, err := r.Suggest(tx, id, []Suggestion{{Kind: ToRemove, Part: "b1", Round: round.ID}})
				return err
			})
		}
		r.now = time.Date(2026, 12, 10, 22, 59, 59, 0, time.UTC)
		if err := late(); err != nil {
			t.Error(err)
		}
		r.now = time.Date(2026, 12, 10, 23, 0, 0, 0, time.UTC)
		if err := late(); !errors.Is(err, ErrRoundOver) {
			t.Error(err)
		}
		r.must(func(tx *store.Tx) error { return r.ProlongRound(tx, id, round.ID, day(20)) })
		if err := late(); err != nil {
			t.Error(err)
		}
		r.must(func(tx *store.Tx) error { return r.EndRound(tx, id, round.ID) })
		if err := late(); !errors.Is(err, ErrRoundOver) {
			t.Error(err)
		}

		// What is kept about a person, and that it goes.
		r.must(func(tx *store.Tx) error {
			own, err := r.ExportPerson(tx, party.Person{ID: "p7"})
			if own == nil {
				t.Error("nothing is exported")
			}
			return errors.Join(err, r.ErasePerson(tx, party.Person{ID: "p7"}), r.ErasePerson(tx, party.Person{ID: "p1"}), r.ErasePerson(tx, party.Person{ID: "p-owner"}))
		})
		r.must(func(tx *store.Tx) error {
			for _, p := range []party.PersonID{"p7", "p1", "p-owner"} {
				if own, err := r.ExportPerson(tx, party.Person{ID: p}); own != nil || err != nil {
					t.Errorf("of %s: %+v, %v", p, own, err)
				}
			}
			invited, err := r.Invitations(tx, id)
			if len(invited) != 1 || invited[0].Who != (Author{}) || invited[0].Ref != "" || invited[0].Answered.IsZero() {
				t.Errorf("%+v", invited)
			}
			if b, _ := r.draftIn(tx, id).Block("b2"); b.Owner != "" {
				t.Error("the owner stays")
			}
			return err
		})
	})
}

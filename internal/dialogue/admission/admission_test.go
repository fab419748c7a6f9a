package admission

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// TestMay holds who makes which step, as the preset and the house's policy say together.
func TestMay(t *testing.T) {
	g := newSQLiteRig(t)
	scope := party.OfDialogue(string(som), "som")
	old := officer
	old.Fresh = false
	oldChair := chair
	oldChair.Fresh = false
	elsewhere := member
	elsewhere.Roles = []party.Held{{Role: party.Bureau, Scope: party.OfBody("tip")}}
	const (
		order = "admission.step.order"
		role  = "admission.step.role"
		stale = "party.refused.stale"
	)
	for _, c := range []struct {
		who      string
		actor    party.Actor
		from, to string
		by       application.By
		want     string
	}{
		{"officer", officer, application.Submitted, application.CompletenessCheck, application.ByOfficer, ""},
		{"officer, old sign-in", old, application.Submitted, application.CompletenessCheck, application.ByOfficer, ""},
		{"member", member, application.Submitted, application.CompletenessCheck, "", role},
		{"umbrella", umbrell, application.Submitted, application.CompletenessCheck, "", role},
		{"nobody", party.Actor{}, application.Submitted, application.CompletenessCheck, "", "party.refused.anonymous"},
		{"officer", officer, application.Draft, application.Submitted, "", order},
		{"officer", officer, application.Submitted, application.Admitted, "", order},
		{"officer", officer, application.Returned, application.Resubmitted, "", order},
		{"officer", officer, application.CompletenessCheck, application.Returned, application.ByOfficer, ""},
		{"officer", officer, application.CompletenessCheck, application.WithBureau, application.ByOfficer, ""},
		{"member", member, application.WithBureau, application.NoObjection, application.ByBureau, ""},
		{"officer", officer, application.WithBureau, application.NoObjection, application.ByOfficer, ""},
		{"member", member, application.WithBureau, application.Objected, application.ByBureau, ""},
		{"member of another group", elsewhere, application.WithBureau, application.Objected, "", role},
		{"officer for a State", officer, application.WithBureau, application.Objected, application.ByOfficer, ""},
		{"chair", chair, application.WithBureau, application.Objected, "", role},
		{"officer", officer, application.NoObjection, application.Admitted, application.ByOfficer, ""},
		{"officer, old sign-in", old, application.NoObjection, application.Admitted, application.ByOfficer, stale},
		{"member", member, application.NoObjection, application.Admitted, "", role},
		{"officer", officer, application.Objected, application.Declined, application.ByOfficer, ""},
		{"member", member, application.Objected, application.Declined, "", role},
		{"officer for the applicant", officer, application.Objected, application.Replied, application.ByOfficer, ""},
		{"member", member, application.Replied, application.Admitted, application.ByBureau, ""},
		{"chair", chair, application.Replied, application.Declined, application.ByBureau, ""},
		{"chair, old sign-in", oldChair, application.Replied, application.Declined, application.ByBureau, stale},
		{"umbrella", umbrell, application.Replied, application.Declined, "", role},
		{"officer for the Conference", officer, application.Referred, application.Admitted, application.ByOfficer, ""},
		{"chair", chair, application.Referred, application.Admitted, "", role},
		{"officer for the applicant", officer, application.Admitted, application.Registered, application.ByOfficer, ""},
		{"officer for the applicant", officer, application.WithBureau, application.Withdrawn, application.ByOfficer, ""},
		{"member", member, application.Registered, application.BadgeIssued, "", role},
	} {
		by, err := g.room.may(c.actor, scope, c.from, c.to)
		if key(err) != c.want || err == nil && by != c.by {
			t.Errorf("%s, %s to %s: %q, %q; want %q, %q", c.who, c.from, c.to, by, key(err), c.by, c.want)
		}
	}
}

// TestPath holds which steps may be passed on the way.
func TestPath(t *testing.T) {
	g := newSQLiteRig(t)
	for _, c := range []struct{ from, to, want string }{
		{application.Submitted, application.WithBureau, "completeness_check with_extended_bureau"},
		{application.Submitted, application.Returned, "completeness_check returned"},
		{application.WithBureau, application.Admitted, "no_objection admitted"},
		{application.Objected, application.Admitted, "admitted"},
		{application.Registered, application.Attended, "badge_issued attended"},
		{application.Submitted, application.Admitted, ""},
		{application.Declined, application.Admitted, ""},
		{application.WithBureau, application.WithBureau, ""},
	} {
		if got := strings.Join(g.room.path(c.from, c.to), " "); got != c.want {
			t.Errorf("from %s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// TestAdmissionIsWalked takes an application from the check to its participants, on every engine.
func TestAdmissionIsWalked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		id := g.apply(sampleApplication{Persons: []map[string]string{
			{"name": "Ada Sample", "function": "Director", "email": "ada@example.org", "mode": "in_person"},
			{"name": "Ben Sample", "email": "ben@example.org", "mode": "online"}}})
		if got := g.take(officer, id, application.Returned, "reason", "x"); got != "admission.step.order" {
			t.Errorf("returned before it was checked: %s", got)
		}
		g.bring(id, application.CompletenessCheck)
		if got := g.take(officer, id, application.Returned); got != "reason admission.missing" {
			t.Errorf("returned without a reason: %s", got)
		}
		if got := g.take(officer, id, application.Returned, "reason", "Say \u202e where"); got != "reason admission.unreadable" {
			t.Errorf("returned with a text that turns around: %s", got)
		}
		g.bring(id, application.WithBureau)
		// Two at once: the second sees what the first did.
		if err := g.room.Take(t.Context(), member, som, id, Step{To: application.NoObjection, Version: 1}); key(err) != "admission.moved" {
			t.Errorf("a step on an old version: %v", err)
		}
		if got := g.take(member, id, application.NoObjection); got != "" {
			t.Fatal(got)
		}
		if all := g.participants(); len(all) != 0 {
			t.Errorf("%d participants before the registration", len(all))
		}
		g.bring(id, application.Admitted, application.Registered)
		all := g.participants()
		if len(all) != 2 || all[0].Name != "Ada Sample" || all[0].Mode != InRoom || all[1].Mode != Remote || all[0].Kind != Stakeholder || all[0].Country != "KE" {
			t.Fatalf("the participants are %+v", all)
		}
		// Each step is an entry that cites the one before.
		var moves []application.Move
		g.read(func(tx *store.Tx) (err error) {
			moves, err = g.apps.Moves(tx, id)
			return err
		})
		for i, m := range moves {
			e, err := g.ledger.ByID(t.Context(), m.Entry)
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 && (len(e.Leaf.Cites) != 1 || e.Leaf.Cites[0] != moves[i-1].Entry) {
				t.Errorf("step %d cites %v", i, e.Leaf.Cites)
			}
		}
		if got := g.take(officer, id, application.Withdrawn); got != "" {
			t.Fatal(got)
		}
		for _, p := range g.participants() {
			if p.Here() {
				t.Errorf("%s is still registered after the withdrawal", p.Name)
			}
		}
	})
}

// TestGaps: only what is complete goes to the bureau, unless a human has said that it is complete all the same.
func TestGaps(t *testing.T) {
	g := newSQLiteRig(t)
	id := g.apply(sampleApplication{Without: "expertise_per_dialogue", Persons: []map[string]string{{"name": "Ada Sample", "mode": "online"}}})
	var a *application.Application
	g.read(func(tx *store.Tx) (err error) {
		a, _, err = g.both(tx, id)
		return err
	})
	gaps := g.room.gaps(a)
	if len(gaps) != 2 || gaps[0].Field.ID != "expertise_per_dialogue" || gaps[1].Field.ID != "email" || gaps[1].Person != 1 {
		t.Errorf("the gaps are %+v", gaps)
	}
	g.bring(id, application.CompletenessCheck)
	if got := g.take(officer, id, application.WithBureau); got != "admission.gaps" {
		t.Errorf("an incomplete application was handed on: %q", got)
	}
	set := func(data ReviewData) string {
		return key(g.room.SetReview(t.Context(), officer, som, id, data))
	}
	for _, c := range []struct {
		data ReviewData
		want string
	}{
		{ReviewData{Fit: "4", Reason: "x"}, "fit admission.fit.missing"},
		{ReviewData{Fit: "2"}, "reason admission.fit.reason"},
		{ReviewData{Reason: "x"}, "fit admission.fit.missing"},
		{ReviewData{Fit: "2", Reason: "x", Version: 9}, "admission.review.changed"},
		{ReviewData{Fit: "2", Reason: "Works on sea routes.", Complete: true}, ""},
	} {
		if got := set(c.data); got != c.want {
			t.Errorf("%+v: %q, want %q", c.data, got, c.want)
		}
	}
	g.bring(id, application.WithBureau)
	if got := key(g.room.SetReview(t.Context(), member, som, id, ReviewData{})); got != "party.refused.role" {
		t.Errorf("a member of the bureau checked: %q", got)
	}
}

// TestObjection: who objected is shown only where it was disclosed, in the record and to the applicant alike.
func TestObjection(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		ready := func(s sampleApplication) application.ID {
			id := g.apply(s)
			g.bring(id, application.CompletenessCheck, application.WithBureau)
			return id
		}
		listed, hidden := ready(sampleApplication{}), ready(sampleApplication{Listing: application.Secretariat})
		for _, c := range []struct {
			pairs []string
			want  string
		}{
			{nil, "objector admission.missing, made admission.missing, reply_by admission.missing"},
			{[]string{"objector", "XX", "made", "2026-11-20", "reply_by", "2026-12-10"}, "objector admission.objection.code"},
			{[]string{"objector", "AT", "made", "2026-11-24", "reply_by", "2026-12-10"}, "made admission.objection.future"},
			{[]string{"objector", "AT", "made", "2026-11-20", "reply_by", "2026-11-22"}, "reply_by admission.objection.late"},
			{[]string{"objector", "AT", "made", "soon", "reply_by", "2026-12-10"}, "made admission.day.bad"},
			{[]string{"objector", "AT", "made", "2026-11-20", "reply_by", "2026-12-10", "told", ""}, "reason admission.objection.noground"},
		} {
			if got := g.take(member, listed, application.Objected, c.pairs...); got != c.want {
				t.Errorf("%v: %q, want %q", c.pairs, got, c.want)
			}
		}
		g.drop()
		say := []string{"objector", "at", "made", "2026-11-20", "reply_by", "2026-12-10", "reason", "A sample ground."}
		for _, id := range []application.ID{listed, hidden} {
			g.pass(time.Minute)
			if got := g.take(member, id, application.Objected, append(say, "told", "")...); got != "" {
				t.Fatal(got)
			}
		}
		if m := g.last("contact001@example.org"); !strings.Contains(m.Text, "A sample ground.") || strings.Contains(m.Text, "Austria") || !strings.Contains(m.Text, "10 December 2026") || !strings.Contains(m.Text, "not disclosed") {
			t.Errorf("the applicant is told:\n%s", m.Text)
		}
		if m := g.last("contact002@example.org"); strings.Contains(m.Text, "bjection") || strings.Contains(m.Text, "Sample Organisation") {
			t.Errorf("a message to somebody who is not listed says what it is about:\n%s", m.Text)
		}
		text := func(id ledger.ID) string {
			e, err := g.ledger.ByID(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return string(e.Text)
		}
		var all []Objection
		again := func() {
			g.read(func(tx *store.Tx) (err error) {
				all, err = g.room.Objections(tx, som)
				return err
			})
		}
		again()
		if got := text(all[0].Entry); !strings.Contains(got, "A sample ground.") || strings.Contains(got, `"AT"`) {
			t.Errorf("the record says %s", got)
		}
		if got := text(all[1].Entry); got != "" {
			t.Errorf("the record says of somebody who is not listed: %s", got)
		}
		// A further objection is an entry beside the steps, opaque for whoever is not listed.
		g.pass(time.Minute)
		_, version := g.stands(listed)
		if err := g.room.ObjectAgain(t.Context(), member, som, listed, Step{Version: version, Named: true, Answers: map[string]string{"objector": "The Sample Body", "made": "2026-11-21", "reply_by": "2026-12-10"}}); err != nil {
			t.Fatal(err)
		}
		_, version = g.stands(hidden)
		if err := g.room.ObjectAgain(t.Context(), officer, som, hidden, Step{Version: version, Named: true, Answers: map[string]string{"objector": "FR", "made": "2026-11-21", "reply_by": "2026-12-10"}}); err != nil {
			t.Fatal(err)
		}
		again()
		if len(all) != 4 {
			t.Fatalf("%d objections", len(all))
		}
		for _, o := range all[2:] {
			e, err := g.ledger.ByID(t.Context(), o.Entry)
			if err != nil {
				t.Fatal(err)
			}
			if public := o.Application == listed; public != (len(e.Text) > 0) || public == e.Leaf.Opaque() {
				t.Errorf("the entry of %s: subject %s, text %q", o.Objector, e.Leaf.Subject, e.Text)
			}
		}
		// Disclosing goes one way.
		if got := key(g.room.DiscloseObjection(t.Context(), officer, som, all[0].ID, true, true)); got != "" {
			t.Fatal(got)
		}
		again()
		if got := text(all[0].Entry); !strings.Contains(got, `"AT"`) {
			t.Errorf("after the disclosure the record says %s", got)
		}
		if got := key(g.room.DiscloseObjection(t.Context(), officer, som, all[0].ID, false, true)); got != "admission.objection.public" {
			t.Errorf("a disclosure was taken back: %q", got)
		}
		// Reply, referral, and the Conference's vote.
		g.bring(listed, application.Referred)
		if got := g.take(officer, listed, application.Admitted, "for", "57", "against", "7", "abstaining", "300"); got != "abstaining admission.votes.bad" {
			t.Errorf("a vote of 300 States: %q", got)
		}
		if got := g.take(officer, listed, application.Admitted, "for", "57", "against", "7", "abstaining", "34"); got != "" {
			t.Fatal(got)
		}
		if got := g.take(officer, hidden, application.Replied, "reply", "We disagree."); got != "" {
			t.Fatal(got)
		}
		if got := g.take(chair, hidden, application.Declined); got != "reason admission.missing" {
			t.Errorf("declined without a reason: %q", got)
		}
		if got := g.take(chair, hidden, application.Declined, "reason", "A sample reason."); got != "" {
			t.Fatal(got)
		}
		b := g.browser()
		b.get("/dialogues/som-2027/objections").wants(200, "<dt>Objections made</dt><dd>4</dd>", "<dt>Organisations objected to</dt><dd>2</dd>", "<dt>Referred to the Conference</dt><dd>1</dd>",
			"<dt>Admitted in the end</dt><dd>1</dd>", "<dt>Declined</dt><dd>1</dd>", "Austria", "57 for, 7 against, 34 abstaining", "The Sample Body", "This is a sample").
			without("Sample Organisation 002", "France", "A sample reason.")
	})
}

// TestErase: what this room keeps about an application goes with it; totals stay.
func TestErase(t *testing.T) {
	g := newSQLiteRig(t)
	id := g.registered(sampleApplication{Name: "Hidden House", Listing: application.Secretariat})
	g.registered(sampleApplication{Name: "Open House"})
	if err := g.room.AddNote(t.Context(), officer, som, id, "Call them on Mondays."); err != nil {
		t.Fatal(err)
	}
	if _, err := g.room.AddParticipant(t.Context(), officer, som, ParticipantData{Kind: "state", Body: "Austria", Country: "AT", Name: "Carl Sample", Email: "carl@example.org", Mode: "in_person", Listing: "public"}); err != nil {
		t.Fatal(err)
	}
	g.write(func(tx *store.Tx) error { return g.room.Erase(tx, id) })
	dump := func() string {
		var all []any
		g.read(func(tx *store.Tx) error {
			notes, err := g.room.notes(tx, id)
			if err != nil {
				return err
			}
			people, err := g.room.Participants(tx, som)
			all = append(all, notes, people)
			return err
		})
		body, _ := json.Marshal(all)
		return string(body)
	}
	if got := dump(); strings.Contains(got, "Mondays") || strings.Contains(got, "Hidden House") || strings.Contains(got, "person001") || !strings.Contains(got, "Open House") || !strings.Contains(got, "Carl Sample") {
		t.Errorf("after the erasure of one: %s", got)
	}
	if n, err := g.room.EraseDue(t.Context()); n != 0 || err != nil {
		t.Errorf("%d dialogues were erased before their day: %v", n, err)
	}
	g.pass(410 * 24 * time.Hour)
	if n, err := g.room.EraseDue(t.Context()); n != 1 || err != nil {
		t.Errorf("%d dialogues were erased on their day: %v", n, err)
	}
	if got := dump(); strings.Contains(got, "Carl") || strings.Contains(got, "example.org") || !strings.Contains(got, "Austria") {
		t.Errorf("after the day: %s", got)
	}
	if all := g.participants(); len(all) != 3 {
		t.Errorf("%d rows are left, want 3 for the totals", len(all))
	}
}

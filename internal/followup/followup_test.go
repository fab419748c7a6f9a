package followup

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// TestFromPointToNextDialogue walks the whole way of a point, on every engine.
func TestFromPointToNextDialogue(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		input := g.words("input/one")
		g.publish(input)
		g.publish(input) // publishing again changes nothing
		if got := says(g.known(data).Lines); got != "unput; no-views" {
			t.Errorf("at first: %s", got)
		}
		g.put("AT", "FR")
		g.put("FR", "AT") // nor does putting it again
		if got := says(g.known(data).Lines); got != "unconfirmed AT,FR; no-views" {
			t.Errorf("put: %s", got)
		}
		var receipts []Receipt
		for _, d := range g.known(data).Deliveries {
			receipts = append(receipts, Receipt{Delivery: d.ID, Day: "2027-04-01", Receiver: "registry"})
		}
		if n, err := g.room.Confirm(t.Context(), officer, receipts); n != 2 || err != nil {
			t.Fatalf("%d confirmed, %v", n, err)
		}
		if n, err := g.room.Confirm(t.Context(), officer, receipts); n != 0 || err != nil {
			t.Fatalf("%d confirmed again, %v", n, err)
		}
		if got := says(g.known(data).Lines); got != "silent AT,FR; no-views" {
			t.Errorf("confirmed: %s", got)
		}
		g.answer(data, "AT", commitment(), atOne, atTwo)
		if got := says(g.known(data).Lines); got != "takes-up AT; due AT; silent FR; no-views" {
			t.Errorf("answered: %s", got)
		}
		view, err := g.room.Say(t.Context(), contact, data, ViewData{Organisation: "shelter", About: "AT", Kind: "commitment", Named: true, Text: english("In Austria we were not asked."), Evidence: string(input) + "\nhttps://example.org/report"})
		g.must(err)
		g.answer(data, "AT", AnswerData{Kind: "progress", Text: english("The survey has begun.")}, atTwo, atOne)
		if got := says(g.known(data).Lines); got != "takes-up AT; progress AT; silent FR; views" {
			t.Errorf("with progress: %s", got)
		}
		g.write(func(tx *store.Tx) error {
			return g.room.Put(tx, []Point{{ID: next, Origin: "som-2028", Kind: MainPoint, Sample: true, Text: sampleWords("Collect data, again.", "", "")}})
		})
		g.must(g.room.Draw(t.Context(), editor, data, LinkData{"som-2028", string(next), "narrowed", english("Both ask for data.")}))

		g.read(func(tx *store.Tx) error {
			former, all, err := g.room.Opening(tx, "som-2028")
			if err != nil || former != "som-2027" || len(all) != 2 || all[0].Point.ID != data || len(all[0].Links) != 1 || len(all[0].Views) != 1 || all[0].Views[0].Name != "Sample Shelter Network" {
				t.Errorf("the next dialogue opens with %q, %+v, %v", former, all, err)
			}
			if none, all, err := g.room.Opening(tx, "som-2027"); none != "" || all != nil || err != nil {
				t.Errorf("the first dialogue opens with %q, %+v, %v", none, all, err)
			}
			return nil
		})

		want := []string{"point.entered", "point.put", "delivery.confirmed", "answer.published", "view.published", "answer.published", "link.drawn"}
		if got := g.types(data); !slices.Equal(got, want) {
			t.Errorf("the record says %q, want %q", got, want)
		}
		entries, err := g.ledger.Of(t.Context(), data.Subject())
		g.must(err)
		if !slices.Contains(entries[0].Leaf.Cites, input) {
			t.Error("the point does not cite what it rests on")
		}
		g.read(func(tx *store.Tx) error {
			all, err := g.room.Resting(tx, input)
			if err != nil || len(all) != 1 || all[0].ID != data {
				t.Errorf("what was said went to %v, %v", all, err)
			}
			return nil
		})
		for i, cites := range map[int]int{1: 0, 2: 1, 3: 2, 4: 3, 5: 3, 6: 0} {
			if !slices.Contains(entries[i].Leaf.Cites, entries[cites].Leaf.ID) {
				t.Errorf("%s does not cite %s", entries[i].Leaf.Type, entries[cites].Leaf.Type)
			}
		}
		var text answerText
		if err := json.Unmarshal(entries[3].Text, &text); err != nil || text.State != "AT" || !text.Sample || text.Date != "2027-12" || strings.Contains(string(entries[3].Text), "at-one") {
			t.Errorf("the answer's entry says %s, %v", entries[3].Text, err)
		}
		if strings.Contains(string(entries[2].Text), "registry") || strings.Contains(string(entries[1].Text), "NV-1") {
			t.Error("who confirmed it or the reference is public")
		}

		// Everyone takes back what they said, and no one else's words.
		if _, err := g.room.Unsay(t.Context(), quiet, view, "It was wrong."); wrong(err) != "party.refused.role" {
			t.Errorf("another organisation takes a view back: %v", err)
		}
		_, err = g.room.Unsay(t.Context(), contact, view, "It was wrong.")
		g.must(err)
		g.must(g.room.WithdrawAnswer(t.Context(), atTwo, data, "AT", 1, "The plan was dropped."))
		k := g.known(data)
		if got := says(k.Lines); got != "answer-withdrawn AT; silent FR; no-views" {
			t.Errorf("after all was taken back: %s", got)
		}
		if k.Views[0].Text["en"].Text != "" || k.Answers[0].Measure["en"].Text != "" {
			t.Error("words that were taken back are still there")
		}
		if e, err := g.ledger.ByID(t.Context(), entries[3].Leaf.ID); err != nil || e.Text != nil || e.Notice == nil || e.Notice.Reason != "The plan was dropped." {
			t.Errorf("the record still holds %s, %v", e.Text, err)
		}
		g.answer(data, "AT", AnswerData{Kind: "declines", Reason: english("The plan was dropped.")}, atOne, atTwo)
		if got := says(g.known(data).Lines); got != "declines AT; silent FR; no-views" {
			t.Errorf("after another answer: %s", got)
		}
		g.must(g.room.SaveAnswer(t.Context(), atOne, risk, "AT", 0, AnswerData{Kind: "informs", Text: english("x")}))
		g.write(func(tx *store.Tx) error { return g.room.WithdrawPoint(tx, risk, "It was not said.") })
		for name, err := range map[string]error{
			"saved":  g.room.SaveAnswer(t.Context(), atOne, risk, "AT", 1, commitment()),
			"handed": g.room.HandAnswer(t.Context(), atOne, risk, "AT", 1),
		} {
			if wrong(err) != "followup.point.gone" {
				t.Errorf("an answer to a withdrawn point is %s: %v", name, err)
			}
		}
		if _, err := g.room.Say(t.Context(), contact, risk, ViewData{Organisation: "shelter", Kind: "point", Text: english("x")}); wrong(err) != "followup.point.gone" {
			t.Errorf("a view on a withdrawn point: %v", err)
		}
		if got := says(g.known(risk).Lines); got != "withdrawn; no-views" {
			t.Errorf("a withdrawn point: %s", got)
		}
		c, err := g.ledger.Resolve(t.Context(), data.Subject())
		if err != nil || c.Address != "/points/"+string(data) || !strings.HasPrefix(c.Text, "Collect data") {
			t.Errorf("the record resolves it to %+v, %v", c, err)
		}
		if _, err := g.ledger.Resolve(t.Context(), "followup/none"); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("what is not there resolves: %v", err)
		}
	})
}

// TestTwoPersons holds that nothing of a State is public before a second person has cleared the very words.
func TestTwoPersons(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.publish()
		g.put("AT")
		ctx := t.Context()
		save := func(a party.Actor, edit int, d AnswerData) string {
			return wrong(g.room.SaveAnswer(ctx, a, data, "AT", edit, d))
		}
		hand := func(a party.Actor, edit int) string { return wrong(g.room.HandAnswer(ctx, a, data, "AT", edit)) }
		clear := func(a party.Actor, edit int) string { return wrong(g.room.ClearAnswer(ctx, a, data, "AT", edit)) }
		for _, step := range []struct{ name, got, want string }{
			{"nothing to hand over", hand(atOne, 0), "followup.changed"},
			{"an officer drafts", save(officer, 0, commitment()), "party.refused.role"},
			{"another State drafts", save(frOne, 0, commitment()), "party.refused.role"},
			{"nobody drafts", save(party.Actor{}, 0, commitment()), "party.refused.anonymous"},
			{"an unfinished draft", save(atOne, 0, AnswerData{Kind: "takes-up", Date: "2027"}), ""},
			{"is not handed over", hand(atOne, 1), "measure-en followup.answer.missing.measure, owner-en followup.answer.missing.owner"},
			{"a stale draft", save(atTwo, 0, commitment()), "followup.changed"},
			{"a finished draft", save(atOne, 1, commitment()), ""},
			{"not handed over, not cleared", clear(atTwo, 2), "followup.changed"},
			{"handed over", hand(atOne, 2), ""},
			{"twice", hand(atOne, 3), "followup.changed"},
			{"the writer clears", clear(atOne, 3), "followup.answer.second"},
			{"another State clears", clear(frOne, 3), "party.refused.role"},
			{"the second person gives it back", wrong(g.room.ReturnAnswer(ctx, atTwo, data, "AT", 3, "Which ministry?")), ""},
			{"what was given back is not cleared", clear(atTwo, 4), "followup.changed"},
			{"the second person changes it", save(atTwo, 4, commitment()), ""},
			{"and hands it over", hand(atTwo, 5), ""},
			{"and cannot clear it", clear(atTwo, 6), "followup.answer.second"},
			{"who saw other words cannot either", clear(atOne, 5), "followup.changed"},
			{"a change while it waits", save(atOne, 6, commitment()), ""},
			{"takes it back to the desk", clear(atTwo, 7), "followup.changed"},
			{"handed over again", hand(atOne, 7), ""},
			{"cleared", clear(atTwo, 8), ""},
			{"twice cleared", clear(atTwo, 8), "followup.changed"},
			{"evidence that is not there", save(atOne, 0, AnswerData{Kind: "informs", Text: english("x"), Evidence: strings.Repeat("a", 26)}), ""},
			{"handed over", hand(atOne, 1), ""},
			{"is found when it is cleared", clear(atTwo, 2), "evidence followup.evidence.entry"},
		} {
			if step.got != step.want {
				t.Errorf("%s: %q, want %q", step.name, step.got, step.want)
			}
		}
		if got := g.types(data); !slices.Equal(got, []string{"point.entered", "point.put", "answer.published"}) {
			t.Errorf("the record says %q", got)
		}
		if err := g.room.SaveAnswer(ctx, frOne, data, "FR", 0, commitment()); !errors.Is(err, ErrNotFound) {
			t.Errorf("a State answers what was not put to it: %v", err)
		}
		g.must(g.room.DropAnswer(ctx, atOne, data, "AT", 2))
		if k := g.known(data); len(k.Answers) != 1 {
			t.Errorf("%d answers are public", len(k.Answers))
		}
	})
}

func TestWhatIsMissing(t *testing.T) {
	stands := []Answer{promised("AT", 1, 1, "2028")}
	w := Words{"fr": {"x", own}}
	for _, test := range []struct {
		a    Answer
		said []Answer
		want string
	}{
		{Answer{}, nil, "kind followup.answer.missing.kind"},
		{Answer{Kind: TakesUp}, nil, "measure-en followup.answer.missing.measure, owner-en followup.answer.missing.owner, date followup.answer.missing.date"},
		{Answer{Kind: TakesUp, Said: Said{Measure: w, Owner: w, Date: "2027"}}, nil, ""},
		{Answer{Kind: TakesUpInPart, Said: Said{Measure: w, Owner: w, Date: "2027"}}, nil, "text-en followup.answer.missing.text"},
		{Answer{Kind: TakesUpInPart, Said: Said{Measure: w, Owner: w, Date: "2027", Text: w}}, nil, ""},
		{Answer{Kind: Differs, Said: Said{Text: w}}, nil, "reason-en followup.answer.missing.reason"},
		{Answer{Kind: Differs, Said: Said{Reason: w}}, nil, ""},
		{Answer{Kind: Declines}, nil, "reason-en followup.answer.missing.reason"},
		{Answer{Kind: Informs}, nil, "text-en followup.answer.missing.text"},
		{Answer{Kind: Informs, Said: Said{Text: w}}, nil, ""},
		{Answer{State: "AT", Kind: Progress, Said: Said{Text: w}}, nil, "kind followup.answer.progress.none"},
		{Answer{State: "FR", Kind: Progress, Said: Said{Text: w}}, stands, "kind followup.answer.progress.none"},
		{Answer{State: "AT", Kind: Progress, Said: Said{Text: w}}, stands, ""},
	} {
		if got := wrong(test.a.Missing(test.said)); got != test.want {
			t.Errorf("%s: %q, want %q", test.a.Kind, got, test.want)
		}
	}
}

// TestNaming holds that a stakeholder speaks of a State only where the State itself entered a commitment.
func TestNaming(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	g.put("AT", "FR")
	g.answer(data, "AT", commitment(), atOne, atTwo)
	for _, test := range []struct {
		name  string
		point PointID
		actor party.Actor
		d     ViewData
		want  string
	}{
		{"of the point", data, contact, ViewData{Organisation: "shelter", Kind: "point", Text: english("Data are missing.")}, ""},
		{"for another organisation", data, contact, ViewData{Organisation: "quiet", Kind: "point", Text: english("x")}, "party.refused.role"},
		{"by a State", data, atOne, ViewData{Organisation: "shelter", Kind: "point", Text: english("x")}, "party.refused.role"},
		{"without words", data, contact, ViewData{Organisation: "shelter", Kind: "point"}, "text-en followup.view.text.none"},
		{"of the point, about a State", data, contact, ViewData{Organisation: "shelter", Kind: "point", About: "AT", Text: english("x")}, "about followup.view.about.point"},
		{"of a State that committed itself", data, contact, ViewData{Organisation: "shelter", Kind: "progress", About: "AT", Text: english("Austria has begun.")}, ""},
		{"of the same, on a point without its commitment", risk, contact, ViewData{Organisation: "shelter", Kind: "progress", About: "AT", Text: english("x")}, "about followup.view.about.none"},
		{"of a State that said nothing", data, contact, ViewData{Organisation: "shelter", Kind: "commitment", About: "FR", Text: english("x")}, "about followup.view.about.none"},
		{"a country in the words", data, contact, ViewData{Organisation: "shelter", Kind: "point", Text: english("In France it is bad.")}, "text-en followup.view.country"},
		{"another country than the one chosen", data, contact, ViewData{Organisation: "shelter", Kind: "commitment", About: "AT", Text: english("Unlike France.")}, "text-en followup.view.country"},
		{"the country that committed itself, unchosen", data, contact, ViewData{Organisation: "shelter", Kind: "point", Text: english("Austria is slow.")}, "text-en followup.view.country.about"},
		{"by name without consent", data, quiet, ViewData{Organisation: "quiet", Kind: "point", Named: true, Text: english("x")}, "named followup.view.unlisted"},
		{"by category", data, quiet, ViewData{Organisation: "quiet", Kind: "point", Text: english("We count too.")}, ""},
		{"a kind of its own", data, contact, ViewData{Organisation: "shelter", Kind: "else", Text: english("x")}, "kind followup.view.kind.none"},
		{"a script for evidence", data, contact, ViewData{Organisation: "shelter", Kind: "point", Text: english("x"), Evidence: "javascript:alert(1)"}, "evidence followup.evidence.bad"},
		{"an entry that is not there", data, contact, ViewData{Organisation: "shelter", Kind: "point", Text: english("x"), Evidence: strings.Repeat("b", 26)}, "evidence followup.evidence.entry"},
		{"words that turn around", data, contact, ViewData{Organisation: "shelter", Kind: "point", Text: english("a\u202eb")}, "text-en followup.text.unreadable"},
	} {
		if _, err := g.room.Say(t.Context(), test.actor, test.point, test.d); wrong(err) != test.want {
			t.Errorf("%s: %q, want %q", test.name, wrong(err), test.want)
		}
	}
	var entered []string
	g.enter()
	entries, err := g.ledger.Of(t.Context(), data.Subject())
	g.must(err)
	for _, e := range entries {
		if strings.Contains(e.Leaf.Type, "view") {
			entered = append(entered, string(e.Text))
		}
	}
	if len(entered) != 3 || strings.Contains(strings.Join(entered, ""), "quiet") || strings.Contains(strings.Join(entered, ""), "Shelter") {
		t.Errorf("the record holds %q", entered)
	}
	// Who withdraws consent to be listed is shown by category from then on.
	_, err = g.room.Say(t.Context(), contact, risk, ViewData{Organisation: "shelter", Kind: "point", Named: true, Text: english("So it is.")})
	g.must(err)
	if k := g.known(risk); k.Views[0].Name != "Sample Shelter Network" {
		t.Errorf("%+v", k.Views)
	}
	o := g.bodies["shelter"]
	o.Listed = false
	g.bodies["shelter"] = o
	if k := g.known(risk); k.Views[0].Name != "" || k.Views[0].Named {
		t.Errorf("%+v", k.Views)
	}
}

func TestDeliveries(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	good := func() DeliveryData {
		return DeliveryData{Points: []string{string(data)}, States: []string{"at"}, Way: "note", Day: "2027-03-31"}
	}
	for _, test := range []struct {
		name   string
		actor  party.Actor
		change func(*DeliveryData)
		n      int
		want   string
	}{
		{"as it should be", officer, func(*DeliveryData) {}, 1, ""},
		{"the same again", officer, func(*DeliveryData) {}, 0, ""},
		{"on another day", officer, func(d *DeliveryData) { d.Day = "2027-04-01" }, 1, ""},
		{"all", officer, func(d *DeliveryData) { d.All = true }, 3, ""},
		{"tomorrow, where it is tomorrow already", officer, func(d *DeliveryData) { d.Day = "2027-04-02" }, 1, ""},
		{"some day", officer, func(d *DeliveryData) { d.Day = "2027-04-03" }, 0, "day followup.day.future"},
		{"no day", officer, func(d *DeliveryData) { d.Day = "2027-04" }, 0, "day followup.day.bad"},
		{"no State", officer, func(d *DeliveryData) { d.States = nil }, 0, "states followup.delivery.states.none"},
		{"no such State", officer, func(d *DeliveryData) { d.States = []string{"XX"} }, 0, "states followup.delivery.states.unknown"},
		{"no point", officer, func(d *DeliveryData) { d.Points = nil }, 0, "points followup.delivery.points.none"},
		{"no such point", officer, func(d *DeliveryData) { d.Points = []string{"x"} }, 0, "points followup.delivery.points.none"},
		{"no way", officer, func(d *DeliveryData) { d.Way = "owl" }, 0, "way followup.delivery.way.none"},
		{"by a focal point", atOne, func(*DeliveryData) {}, 0, "party.refused.role"},
	} {
		d := good()
		test.change(&d)
		n, err := g.room.PutToStates(t.Context(), test.actor, d)
		if n != test.n || wrong(err) != test.want {
			t.Errorf("%s: %d new, %q; want %d, %q", test.name, n, wrong(err), test.n, test.want)
		}
	}
	all := g.known(data).Deliveries
	of := func(state string) string {
		return all[slices.IndexFunc(all, func(d Delivery) bool { return d.State == state })].ID
	}
	for _, test := range []struct {
		name  string
		actor party.Actor
		r     Receipt
		n     int
		want  string
	}{
		{"by another State", frOne, Receipt{of("AT"), "2027-04-01", ""}, 0, "party.refused.role"},
		{"by a contact", contact, Receipt{of("AT"), "2027-04-01", ""}, 0, "party.refused.role"},
		{"before it was delivered", officer, Receipt{of("AT"), "2027-03-30", ""}, 0, "receipt-" + of("AT") + " followup.day.before"},
		{"no such delivery", officer, Receipt{"x", "2027-04-01", ""}, 0, "followup.changed"},
		{"by the State", atOne, Receipt{of("AT"), "2027-04-01", ""}, 1, ""},
		{"again", officer, Receipt{of("AT"), "2027-04-02", ""}, 0, ""},
	} {
		n, err := g.room.Confirm(t.Context(), test.actor, []Receipt{test.r, test.r})
		if n != test.n || wrong(err) != test.want {
			t.Errorf("%s: %d, %q; want %d, %q", test.name, n, wrong(err), test.n, test.want)
		}
	}
}

func TestLinks(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	for _, test := range []struct {
		name  string
		actor party.Actor
		d     LinkData
		want  string
	}{
		{"by a contact", contact, LinkData{"som-2028", "", "taken-up", english("x")}, "party.refused.role"},
		{"to nowhere", editor, LinkData{"som-1999", "", "taken-up", english("x")}, "later followup.link.later.none"},
		{"to its own dialogue", editor, LinkData{"som-2027", "", "taken-up", english("x")}, "later followup.link.later.none"},
		{"no relation", editor, LinkData{"som-2028", "", "liked", english("x")}, "relation followup.link.relation.none"},
		{"no reason", editor, LinkData{"som-2028", "", "taken-up", nil}, "why-en followup.link.why.none"},
		{"a point of another dialogue", editor, LinkData{"som-2028", string(risk), "taken-up", english("x")}, "item followup.link.item.none"},
		{"as it should be", editor, LinkData{"som-2028", "", "asked-again", english("It was asked again.")}, ""},
	} {
		if got := wrong(g.room.Draw(t.Context(), test.actor, data, test.d)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	l := g.known(data).Links[0]
	if got := wrong(g.room.Undraw(t.Context(), editor, data, l.ID, "")); got != "reason followup.reason.none" {
		t.Errorf("taken back without a reason: %q", got)
	}
	g.must(g.room.Undraw(t.Context(), editor, data, l.ID, "It was another matter."))
	if all := g.known(data).Links; len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// TestCorrection holds that a corrected point keeps its history.
func TestCorrection(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	points := samplePoints()
	points[0].Text[locale.English] = Wording{"Collect better data.", "editors"}
	g.write(func(tx *store.Tx) error { return g.room.Put(tx, points) })
	if got := g.types(data); !slices.Equal(got, []string{"point.entered", "point.corrected"}) {
		t.Errorf("the record says %q", got)
	}
	entries, err := g.ledger.Of(t.Context(), data.Subject())
	g.must(err)
	if !slices.Contains(entries[1].Leaf.Cites, entries[0].Leaf.ID) || g.known(data).Point.Text["en"].Text != "Collect better data." {
		t.Error("the correction does not cite what it corrects")
	}
	err = g.db.Write(t.Context(), func(tx *store.Tx) error { return g.room.Put(tx, []Point{{ID: "x"}}) })
	if err == nil {
		t.Error("a point without text was taken in")
	}
}

func TestPersonalData(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		g.publish()
		g.put("AT")
		g.answer(data, "AT", commitment(), atOne, atTwo)
		_, err := g.room.Say(t.Context(), contact, data, ViewData{Organisation: "shelter", Kind: "point", Text: english("So it is.")})
		g.must(err)
		export := func(id party.PersonID) (s string) {
			g.read(func(tx *store.Tx) error {
				e, err := g.room.ExportPerson(tx, party.Person{ID: id})
				b, _ := json.Marshal(e)
				s = string(b)
				return err
			})
			return s
		}
		for id, want := range map[party.PersonID]string{"at-one": `"wrote_last":true`, "at-two": `"cleared":true`, "contact": "So it is.", "fr-one": "null"} {
			if got := export(id); !strings.Contains(got, want) {
				t.Errorf("%s exports %s", id, got)
			}
		}
		for _, id := range []party.PersonID{"at-one", "at-two", "contact", "officer"} {
			g.write(func(tx *store.Tx) error { return g.room.ErasePerson(tx, party.Person{ID: id}) })
			if got := export(id); got != "null" {
				t.Errorf("after the erasure %s exports %s", id, got)
			}
		}
		if k := g.known(data); len(k.Answers) != 1 || len(k.Views) != 1 {
			t.Error("what a State or an organisation said went with the person")
		}
	})
}

func TestTellAuthors(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		ann := Author{Email: "ann@example.org", Name: "A. Sample", Lang: locale.French}
		bo := Author{Email: "bo@example.org", Lang: "xx"}
		one, two := g.words("input/one", ann, bo), g.words("input/two", ann)
		g.publish(one, two)
		g.pass(time.Hour)
		tell := func(want int) {
			t.Helper()
			g.mail = nil
			if n, err := g.room.TellAuthors(t.Context()); err != nil || n != want || len(g.mail) != want {
				t.Fatalf("%d messages told, %d queued, %v; want %d", n, len(g.mail), err, want)
			}
		}
		tell(2)
		i := slices.IndexFunc(g.mail, func(m party.Message) bool { return m.To == "ann@example.org" })
		m := g.mail[i]
		if m.Lang != locale.French || !strings.Contains(m.Text, "Recueillir des données") || !strings.Contains(m.Text, "https://record.example.org/fr/points/"+string(data)) || !strings.Contains(m.Text, "exemple") {
			t.Errorf("the message is %q: %s", m.Subject, m.Text)
		}
		if g.mail[1-i].Lang != locale.English {
			t.Errorf("a language that is not spoken gives %s", g.mail[1-i].Lang)
		}
		g.pass(time.Hour)
		g.put("AT")
		tell(0) // at most one a day
		g.pass(22 * time.Hour)
		tell(0)
		g.pass(2 * time.Hour)
		tell(2)
		g.pass(48 * time.Hour)
		tell(0) // nothing moved
		g.pass(time.Hour)
		g.answer(risk, "AT", AnswerData{Kind: "informs", Text: english("x")}, atOne, atTwo)
		g.pass(48 * time.Hour)
		tell(0) // a point that rests on nobody's words
	})
}

// TestTellingIsTakenUp holds that a round that ends early goes on where it ended, and nobody is told twice.
func TestTellingIsTakenUp(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	var all []Author
	for i := range 1200 {
		all = append(all, Author{Email: party.Email(strings.Repeat("x", i%7+1) + string(rune('a'+i%26)) + "-" + strings.Repeat("y", i/26+1) + "@example.org"), Lang: locale.English})
	}
	g.publish(g.words("input/one", all...))
	g.pass(time.Hour)
	g.write(func(tx *store.Tx) error {
		n, more, err := g.room.tellSome(tx)
		if n != batch || !more {
			t.Errorf("the first batch has %d, more: %t", n, more)
		}
		return err
	})
	g.pass(time.Minute)
	n, err := g.room.TellAuthors(t.Context())
	g.must(err)
	seen := map[party.Email]bool{}
	for _, m := range g.mail {
		if seen[m.To] {
			t.Fatalf("somebody was told twice")
		}
		seen[m.To] = true
	}
	if want := len(seen); n+batch != want || want != len(g.mail) || want < 1000 {
		t.Errorf("%d and %d were told of %d", batch, n, want)
	}
}

func TestBulletin(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	g.put("AT", "FR")
	g.answer(data, "AT", commitment(), atOne, atTwo)
	bulletin := func(lang locale.Lang, from, to int, marked bool) (text string, ok bool) {
		t.Helper()
		g.read(func(tx *store.Tx) (err error) {
			text, ok, err = g.room.Bulletin(tx, lang, on(from), on(to), marked)
			return err
		})
		return isolates.Replace(text), ok
	}
	if text, ok := bulletin("en", 2, 30, false); ok || !strings.Contains(text, "Nothing moved") {
		t.Errorf("a period without acts: %s", text)
	}
	plain, ok := bulletin("en", 1, 1, false)
	for _, want := range []string{"Exercise dialogue 2027\n", "Sample: Collect data so that programmes can be evaluated.\n", "- 1 April 2027: Austria published what it says\n", "- France: put forward on 31 March 2027.", "This is a sample", "https://record.example.org/en/points/" + string(data), "Nobody must answer."} {
		if !ok || !strings.Contains(plain, want) {
			t.Errorf("the text does not say %q:\n%s", want, plain)
		}
	}
	marked, _ := bulletin("ar", 1, 1, true)
	for _, want := range []string{"# ", "## حوار تدريبي 2027", "### نموذج: جمع البيانات", "<https://record.example.org/ar/points/"} {
		if !strings.Contains(marked, want) {
			t.Errorf("the marked text does not say %q:\n%s", want, marked)
		}
	}
	for in, want := range map[string]string{"a*b_<c>": `a\*b\_\<c\>`, "# x": `\# x`, "a # x": "a # x", "[x](y)": `\[x\](y)`} {
		if got := markdown(in); got != want {
			t.Errorf("%q is escaped to %q, want %q", in, got, want)
		}
	}
}

package application

import (
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// TestNothingIsKeptBeforeSomebodySends: readers and robots make no rows.
func TestNothingIsKeptBeforeSomebodySends(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	first := b.get("/calls/spring/apply").wants(200, "You need no account", "28 March 2027, 00:00 (CET)", "31 December 2027", `name="key"`)
	if len(g.all()) != 0 || len(b.cookies) != 0 {
		t.Error("looking at the form has kept something")
	}
	if first.Header().Get("Cache-Control") != "no-store" {
		t.Error("the form may be cached")
	}
	b.get("/calls/nobody/apply").wants(404)
	b.get("/applications/people").wants(404, "Nothing is open in this browser")
	b.get("/applications").wants(200, "Nothing is open in this browser")
}

// TestFirstPageSentTwiceIsOneDraft: a double click, or a connection that was lost after the draft had been kept.
func TestFirstPageSentTwiceIsOneDraft(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	first := b.get("/calls/spring/apply")
	for range 2 {
		b.fill(first, "/calls/spring/apply", organisation()).leadsTo("/en/applications/experience?done=begun")
	}
	if a := g.only(); a.Name != "Sample Shelter Network" {
		t.Errorf("the draft is %+v", a)
	}
	if n := len(g.messages("desk@shelter.example")); n != 1 {
		t.Errorf("%d messages with the link were sent, want 1", n)
	}
	b.post("/calls/spring/apply", values("organisation_name", "x", "key", "nonsense")).wants(400)
}

func TestDraftKeepsWhatIsWrong(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	form := organisation()
	form.Set("contact_email", "nobody")
	form.Set("organisation_name", "")
	form.Set("acronym", strings.Repeat("é", 31))
	form.Set("country_of_registration", "XX")
	form.Set("website", "ftp://x")
	a := b.fill(b.get("/calls/spring/apply"), "/calls/spring/apply", form)
	a.wants(422, `href="#organisation_name"`, `href="#contact_email"`, `value="nobody"`, "has 31 characters; 30 are possible", strings.Repeat("é", 31),
		`href="#country_of_registration"`, `action="/en/applications/organisation"`, "Go on to the next page", "/en/applications?key=")
	kept := g.only()
	if kept.Answers.One("contact_email") != "nobody" || kept.Answers.One("acronym") != strings.Repeat("é", 31) || kept.Answers.One(FieldCountry) != "XX" || kept.Email != "" {
		t.Errorf("the draft lost something: %+v", kept.Answers)
	}
	b.post("/applications/check", url.Values{}).wants(422, "/en/applications/organisation?check=1#contact_email", "/en/applications/people?check=1#nominated_persons-0-name")
	b.get("/applications/organisation?check=1").wants(200, "needs an answer", "nobody")
	if !g.only().Submitted.IsZero() {
		t.Error("an incomplete application was submitted")
	}
}

func TestHostileCharactersAreTakenOutAndSaid(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	form := organisation()
	form.Set("organisation_name", "Sample\u202eretlehS \x00\xffHouse")
	form.Add("acronym", "ONE")
	form.Add("acronym", "TWO")
	b.fill(b.get("/calls/spring/apply"), "/calls/spring/apply", form).wants(422, "hide text or turn it around", "SampleretlehS House", "was answered twice", `value="ONE"`)
	if a := g.only(); a.Name != "SampleretlehS House" {
		t.Errorf("the name is kept as %q", a.Name)
	}
	big := organisation()
	big.Set("organisation_name", strings.Repeat("x", maxForm))
	b.post("/applications/organisation", big).wants(400)
}

// TestLostConnection: what breaks off on the way is kept whole or not at all.
func TestLostConnection(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	b.fill(b.get("/calls/spring/apply"), "/calls/spring/apply", organisation())
	before := g.only()
	r := httptest.NewRequest("POST", "/en/applications/people", io.MultiReader(strings.NewReader(people().Encode()), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.send(r).wants(400)
	if after := g.only(); after.Version != before.Version {
		t.Error("half a page was kept")
	}
}

func TestPersonsAreAddedAndRemovedWithoutScripts(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	b.fill(b.get("/calls/spring/apply"), "/calls/spring/apply", organisation())
	form := people()
	form.Set("do", "add nominated_persons")
	form.Set("speaking_topic", "")
	b.step("people", form).wants(200, "Person 2", `value="A. Sample"`, `id="nominated_persons-1-name"`).without("needs an answer")
	form = people()
	form.Set("nominated_persons-1-name", "B. Sample")
	form.Set("nominated_persons-3-name", "D. Sample")
	form.Set("do", "drop nominated_persons-0-")
	b.step("people", form).wants(200, `value="B. Sample"`, `value="D. Sample"`).without("A. Sample")
	persons := g.only().Answers[FieldPersons].Persons
	if len(persons) != 2 || persons[0]["name"] != "B. Sample" || persons[1]["name"] != "D. Sample" {
		t.Errorf("the persons are %v", persons)
	}
	form = people()
	for i := range 7 {
		form.Set(part(FieldPersons, i, "name"), "Sample")
		form.Set(part(FieldPersons, i, "email"), "s"+string(rune('a'+i))+"@shelter.example")
		form.Set(part(FieldPersons, i, "mode"), "online")
	}
	b.step("people", form).wants(422, "has 7 persons; 5 are possible", "Person 7").without("Add a person")
}

// TestTwoWindows: what two windows write into one page is shown side by side, and nothing is overwritten unseen.
func TestTwoWindows(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	b.fill(b.get("/calls/spring/apply"), "/calls/spring/apply", organisation())
	left, right := b.get("/applications/people"), b.get("/applications/people")
	one, two := people(), people()
	one.Set("speaking_topic", "From the left window")
	two.Set("speaking_topic", "From the right window")
	b.fill(left, "/applications/people", one).leadsTo("/en/applications/support")
	b.fill(left, "/applications/people", one).leadsTo("/en/applications/support") // pressed twice: no conflict with oneself
	second := b.fill(right, "/applications/people", two).wants(409, "saved meanwhile in another window", "From the left window", "From the right window")
	if got := g.only().Answers.One(FieldTopic); got != "From the left window" {
		t.Errorf("the draft has %q", got)
	}
	two = people()
	two.Set("speaking_topic", "From the right window")
	b.fill(second, "/applications/people", two).leadsTo("/en/applications/support")
	if got := g.only().Answers.One(FieldTopic); got != "From the right window" {
		t.Errorf("the draft has %q", got)
	}
}

func TestDependentQuestions(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.applied("public", "no")
	a := g.only()
	if a.Answers.One("ngo_subtype") != "grassroots" || a.Answers.One(FieldTopic) != "Shelters" {
		t.Fatalf("the answers are %v", a.Answers)
	}
	form := people()
	form.Set("wants_to_speak", "no")
	b.step("people", form).leadsTo("/en/applications?done=corrected")
	if got := g.only().Answers.One(FieldTopic); got != "" {
		t.Errorf("the answer %q to a question that is not asked was kept", got)
	}
	b.get("/applications/people").wants(200, `data-if="wants_to_speak" data-is="yes"`, "If you answered “Do you wish to speak?” with “Yes”")
}

// vienna is the zone of the sample call.
var vienna, _ = time.LoadLocation("Europe/Vienna")

func TestDeadline(t *testing.T) {
	deadline := time.Date(2027, 3, 28, 0, 0, 0, 0, vienna) // 23:00 UTC: summer time begins three hours later
	if deadline.UTC().Hour() != 23 {
		t.Fatal("the sample deadline does not lie before the change of the clocks")
	}
	g := newSQLiteRig(t)
	b := g.draft("public", "no")
	late := g.browser().get("/calls/spring/apply")
	g.set(deadline.Add(-time.Microsecond))
	g.browser().get("/calls/spring/apply").wants(200)
	b.step("support", support()).leadsTo("/en/applications/consent")
	g.set(deadline)
	b.get("/applications/people").leadsTo("/en/applications")
	b.get("/applications").wants(200, "The deadline has passed", "28 March 2027, 00:00 (CET)", "27 March 2027, 23:00 (UTC)", "Your draft stays", "Sample Shelter Network")
	form := organisation()
	form.Set("organisation_name", "Another Sample House")
	refused := g.browser().fill(late, "/calls/spring/apply", form).wants(403, "The deadline has passed", "Another Sample House", "desk@shelter.example", "Download it")
	if len(g.all()) != 1 {
		t.Error("a late draft was kept")
	}
	form = people()
	form.Set("speaking_topic", "Typed at midnight")
	b.post("/applications/people", form).wants(403, "Typed at midnight", "Ten years of shelter work.", "Your draft stays")
	b.post("/applications/check", url.Values{}).wants(403, "Ten years of shelter work.")
	if g.only().Answers.One(FieldTopic) != "Shelters" {
		t.Error("a late page was kept")
	}
	g.browser().get("/calls/spring/apply").wants(410, "The deadline has passed")
	text := g.browser().post("/applications/text", values("text", "My text\nis kept"))
	if got := text.wants(200).Body.String(); got != "My text\nis kept\n" || !strings.HasPrefix(text.Header().Get("Content-Disposition"), "attachment") || text.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("the text comes back as %q, %v", got, text.Header())
	}
	_ = refused

	// The officer moves the deadline: the draft goes on where it was.
	var c *cycle.Call
	g.read(func(tx *store.Tx) (err error) { c, err = g.cycle.Call(tx, "spring"); return err })
	_, err := g.cycle.SetCall(t.Context(), officer, c.Version, cycle.CallData{ID: "spring", Closes: "2027-03-31", Zone: "Europe/Vienna", Erases: "2027-12-31",
		Recipients: g.identity.Recipient().String(), Dialogues: []string{"som-2027", "tip-2027"}, Title: english("Call for the dialogues of May 2027")})
	if err != nil {
		t.Fatal(err)
	}
	b.get("/applications").wants(200, "1 April 2027, 00:00 (CEST)")
	b.post("/applications/check", url.Values{}).leadsTo("/en/applications?done=submitted")
}

// TestArrivalDecides: what was begun in time is in time, also when the clock has closed the call meanwhile.
func TestArrivalDecides(t *testing.T) {
	g := newSQLiteRig(t)
	g.draft("public", "no")
	deadline := time.Date(2027, 3, 28, 0, 0, 0, 0, vienna)
	g.set(deadline.Add(time.Minute))
	if n, err := g.cycle.CloseDue(t.Context()); err != nil || n != 2 {
		t.Fatalf("closing: %d, %v", n, err)
	}
	submit := func(arrived time.Time) (wrong page.Invalids, err error) {
		err = g.db.Write(t.Context(), func(tx *store.Tx) error {
			all, err := g.room.OfCall(tx, "spring")
			if err != nil {
				return err
			}
			wrong, err = g.room.submit(tx, all[0], arrived)
			return err
		})
		return wrong, err
	}
	if _, err := submit(deadline); err != errLate {
		t.Errorf("what arrived at the deadline answers %v", err)
	}
	if wrong, err := submit(deadline.Add(-time.Microsecond)); err != nil || len(wrong) > 0 {
		t.Errorf("what arrived in time answers %v, %v", wrong, err)
	}
	if g.only().Submitted.IsZero() {
		t.Error("nothing was submitted")
	}
}

// TestDeadlinesOverTheClockChange: midnight is Vienna's, in winter and in summer.
func TestDeadlinesOverTheClockChange(t *testing.T) {
	for closes, want := range map[string]string{
		"2027-03-27": "2027-03-27T23:00:00Z", "2027-03-28": "2027-03-28T22:00:00Z",
		"2027-10-30": "2027-10-30T22:00:00Z", "2027-10-31": "2027-10-31T23:00:00Z",
	} {
		at, err := time.Parse(time.DateOnly, closes)
		if err != nil {
			t.Fatal(err)
		}
		c := &call{Call: &cycle.Call{Zone: "Europe/Vienna"}}
		c.Closes.Year, c.Closes.Month, c.Closes.Day = at.Date()
		if got := c.Deadline().UTC().Format(time.RFC3339); got != want {
			t.Errorf("a call that closes on %s ends at %s, want %s", closes, got, want)
		}
	}
}

func TestCallThatIsNotOpen(t *testing.T) {
	g := newSQLiteRig(t)
	for _, d := range []string{"som-2027", "tip-2027"} {
		if d == "som-2027" {
			if err := g.cycle.Move(t.Context(), officer, "som-2027", cycle.CallOpen, cycle.CallClosed, nil); err != nil {
				t.Fatal(err)
			}
			b := g.browser()
			b.fill(b.get("/calls/spring/apply").wants(200), "/calls/spring/apply", organisation())
			b.get("/applications/experience").wants(200, "One cannot apply for it now")
			b.step("experience", experience()).wants(422, "takes no applications now")
			continue
		}
		if err := g.cycle.Move(t.Context(), officer, "tip-2027", cycle.CallOpen, cycle.CallClosed, nil); err != nil {
			t.Fatal(err)
		}
		g.browser().get("/calls/spring/apply").wants(404, "One cannot apply now")
	}
}

package followup

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"rostrum.example/internal/locale"
)

func on(day int) locale.Date { return locale.Date{Year: 2027, Month: 4, Day: day} }

func atDay(day int) time.Time { return time.Date(2027, 4, day, 9, 0, 0, 0, time.UTC) }

func to(state string, day, confirmed int) Delivery {
	d := Delivery{ID: state, State: state, Day: on(day)}
	if confirmed > 0 {
		d.Confirmed = on(confirmed)
	}
	return d
}

func said(state string, number int, kind AnswerKind, stage Stage, day int) Answer {
	return Answer{State: state, Number: number, Kind: kind, Stage: stage, At: atDay(day)}
}

func promised(state string, number, day int, date string) Answer {
	a := said(state, number, TakesUp, Published, day)
	a.Date = date
	return a
}

func seen(day, withdrawn int) View {
	v := View{At: atDay(day)}
	if withdrawn > 0 {
		v.Withdrawn = atDay(withdrawn)
	}
	return v
}

func TestStanding(t *testing.T) {
	none := Line{Says: SaysNoViews}
	for _, test := range []struct {
		name       string
		point      Point
		deliveries []Delivery
		answers    []Answer
		views      []View
		want       []Line
	}{
		{"nothing happened", Point{}, nil, nil, nil, []Line{{Says: SaysUnput}, none}},
		{"put, but not confirmed", Point{}, []Delivery{to("AT", 2, 0)}, nil, nil,
			[]Line{{Says: SaysUnconfirmed, States: []string{"AT"}, On: on(2)}, none}},
		{"confirmed and silent", Point{}, []Delivery{to("AT", 2, 3)}, nil, nil,
			[]Line{{Says: SaysSilent, States: []string{"AT"}, On: on(2), Until: on(3)}, none}},
		{"silent States of the same days stand together, in order", Point{}, []Delivery{to("FR", 2, 3), to("AT", 2, 3), to("DE", 2, 4), to("ZA", 2, 0)}, nil, nil,
			[]Line{{Says: SaysSilent, States: []string{"AT", "FR"}, On: on(2), Until: on(3)}, {Says: SaysSilent, States: []string{"DE"}, On: on(2), Until: on(4)},
				{Says: SaysUnconfirmed, States: []string{"ZA"}, On: on(2)}, none}},
		{"of two deliveries the confirmed one counts", Point{}, []Delivery{to("AT", 2, 0), to("AT", 4, 5)}, nil, nil,
			[]Line{{Says: SaysSilent, States: []string{"AT"}, On: on(4), Until: on(5)}, none}},
		{"of two confirmed ones the earlier confirmation counts", Point{}, []Delivery{to("AT", 2, 6), to("AT", 4, 5)}, nil, nil,
			[]Line{{Says: SaysSilent, States: []string{"AT"}, On: on(4), Until: on(5)}, none}},
		{"a draft is not an answer", Point{}, []Delivery{to("AT", 2, 3)}, []Answer{said("AT", 1, TakesUp, Draft, 4)}, nil,
			[]Line{{Says: SaysSilent, States: []string{"AT"}, On: on(2), Until: on(3)}, none}},
		{"neither is one with the second person", Point{}, []Delivery{to("AT", 2, 0)}, []Answer{said("AT", 1, Informs, Handed, 4)}, nil,
			[]Line{{Says: SaysUnconfirmed, States: []string{"AT"}, On: on(2)}, none}},
		{"a commitment with a date ahead", Point{}, []Delivery{to("AT", 2, 3)}, []Answer{promised("AT", 1, 5, "2027-12")}, nil,
			[]Line{{Says: SaysTakesUp, States: []string{"AT"}, On: on(5)}, {Says: SaysDue, States: []string{"AT"}, Until: locale.Date{Year: 2027, Month: 12}}, none}},
		{"on the day itself it is ahead", Point{}, nil, []Answer{promised("AT", 1, 5, "2027-04-20")}, nil,
			[]Line{{Says: SaysTakesUp, States: []string{"AT"}, On: on(5)}, {Says: SaysDue, States: []string{"AT"}, Until: on(20)}, none}},
		{"the day after it has passed", Point{}, nil, []Answer{promised("AT", 1, 5, "2027-04-19")}, nil,
			[]Line{{Says: SaysTakesUp, States: []string{"AT"}, On: on(5)}, {Says: SaysPast, States: []string{"AT"}, Until: on(19)}, none}},
		{"this month has not passed", Point{}, nil, []Answer{promised("AT", 1, 5, "2027-04")}, nil,
			[]Line{{Says: SaysTakesUp, States: []string{"AT"}, On: on(5)}, {Says: SaysDue, States: []string{"AT"}, Until: locale.Date{Year: 2027, Month: 4}}, none}},
		{"last year has", Point{}, nil, []Answer{promised("AT", 1, 5, "2026")}, nil,
			[]Line{{Says: SaysTakesUp, States: []string{"AT"}, On: on(5)}, {Says: SaysPast, States: []string{"AT"}, Until: locale.Date{Year: 2026}}, none}},
		{"progress takes the place of the date", Point{}, nil, []Answer{promised("AT", 1, 5, "2026"), said("AT", 2, Progress, Published, 6), said("AT", 3, Progress, Published, 8)}, nil,
			[]Line{{Says: SaysTakesUp, States: []string{"AT"}, On: on(5)}, {Says: SaysProgress, States: []string{"AT"}, On: on(8), Count: 2}, none}},
		{"progress that was taken back does not", Point{}, nil, []Answer{promised("AT", 1, 5, "2026"), said("AT", 2, Progress, Withdrawn, 6)}, nil,
			[]Line{{Says: SaysTakesUp, States: []string{"AT"}, On: on(5)}, {Says: SaysPast, States: []string{"AT"}, Until: locale.Date{Year: 2026}}, none}},
		{"progress on a former commitment does not count for the new one", Point{}, nil, []Answer{promised("AT", 1, 5, "2026"), said("AT", 2, Progress, Published, 6), promised("AT", 3, 7, "2028")}, nil,
			[]Line{{Says: SaysTakesUp, States: []string{"AT"}, On: on(7)}, {Says: SaysDue, States: []string{"AT"}, Until: locale.Date{Year: 2028}}, none}},
		{"the later answer stands", Point{}, nil, []Answer{promised("AT", 1, 5, "2028"), said("AT", 2, Differs, Published, 6)}, nil,
			[]Line{{Says: SaysDiffers, States: []string{"AT"}, On: on(6)}, none}},
		{"where the later one is taken back, the former stands again", Point{}, nil, []Answer{said("AT", 1, Informs, Published, 5), said("AT", 2, Declines, Withdrawn, 7)}, nil,
			[]Line{{Says: SaysInforms, States: []string{"AT"}, On: on(5)}, none}},
		{"all taken back is not silence", Point{}, []Delivery{to("AT", 2, 3)}, []Answer{said("AT", 1, Informs, Withdrawn, 9), said("AT", 2, Declines, Withdrawn, 7)}, nil,
			[]Line{{Says: SaysAnswerWithdrawn, States: []string{"AT"}, On: on(9)}, none}},
		{"one answers, one is silent", Point{}, []Delivery{to("AT", 2, 3), to("FR", 2, 3)}, []Answer{said("FR", 1, Declines, Published, 5)}, nil,
			[]Line{{Says: SaysDeclines, States: []string{"FR"}, On: on(5)}, {Says: SaysSilent, States: []string{"AT"}, On: on(2), Until: on(3)}, none}},
		{"in part has a date too", Point{}, nil, []Answer{{State: "AT", Number: 1, Kind: TakesUpInPart, Stage: Published, At: atDay(5), Said: Said{Date: "2028"}}}, nil,
			[]Line{{Says: SaysTakesUpInPart, States: []string{"AT"}, On: on(5)}, {Says: SaysDue, States: []string{"AT"}, Until: locale.Date{Year: 2028}}, none}},
		{"views are counted, those taken back are not", Point{}, nil, nil, []View{seen(4, 0), seen(6, 0), seen(8, 9)},
			[]Line{{Says: SaysUnput}, {Says: SaysViews, On: on(6), Count: 2}}},
		{"of a withdrawn point no silence is told", Point{Withdrawn: atDay(9)}, []Delivery{to("AT", 2, 3)}, []Answer{said("FR", 1, Differs, Published, 5)}, nil,
			[]Line{{Says: SaysWithdrawn, On: on(9)}, {Says: SaysDiffers, States: []string{"FR"}, On: on(5)}, none}},
		{"a withdrawn point was not left unput", Point{Withdrawn: atDay(9)}, nil, nil, nil, []Line{{Says: SaysWithdrawn, On: on(9)}, none}},
	} {
		if got := Standing(test.point, test.deliveries, test.answers, test.views, atDay(20)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", test.name, got, test.want)
		}
	}
}

// TestStandingHolds looks at many made-up histories: each State that was put to or that spoke stands in exactly one place,
// silence is told only after a confirmed delivery, and the order of what is given makes no difference.
func TestStandingHolds(t *testing.T) {
	states := []string{"AT", "DE", "FR", "ZA"}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 7))
		var ds []Delivery
		for i := range r.IntN(7) {
			d := to(states[r.IntN(4)], 1+r.IntN(9), 0)
			d.ID = string(rune('a' + i))
			if r.IntN(2) == 0 {
				d.Confirmed = on(d.Day.Day + r.IntN(9))
			}
			ds = append(ds, d)
		}
		var as []Answer
		numbers := map[string]int{}
		for range r.IntN(8) {
			s := states[r.IntN(4)]
			numbers[s]++
			stage := []Stage{Draft, Handed, Published, Withdrawn}[r.IntN(4)]
			a := said(s, numbers[s], AnswerKinds()[r.IntN(6)], stage, 10+len(as))
			a.Date = "2028"
			as = append(as, a)
		}
		lines := Standing(Point{}, ds, as, nil, atDay(28))
		stands := map[string]int{}
		for _, l := range lines {
			if !slices.IsSorted(l.States) {
				t.Fatalf("seed %d: the States of %+v are in no order", seed, l)
			}
			for _, s := range l.States {
				if l.Says != SaysDue && l.Says != SaysPast && l.Says != SaysProgress {
					stands[s]++
				}
				confirmed := slices.ContainsFunc(ds, func(d Delivery) bool { return d.State == s && d.Confirmed == l.Until && d.Day == l.On })
				if l.Says == SaysSilent && (!confirmed || l.Until == (locale.Date{})) {
					t.Fatalf("seed %d: %s is called silent without a confirmed delivery", seed, s)
				}
			}
		}
		for _, s := range states {
			concerned := slices.ContainsFunc(ds, func(d Delivery) bool { return d.State == s }) || slices.ContainsFunc(as, func(a Answer) bool { return a.State == s && a.Public() })
			if want := map[bool]int{true: 1}[concerned]; stands[s] != want {
				t.Fatalf("seed %d: %s stands in %d places, want %d: %+v", seed, s, stands[s], want, lines)
			}
		}
		r.Shuffle(len(ds), func(i, j int) { ds[i], ds[j] = ds[j], ds[i] })
		r.Shuffle(len(as), func(i, j int) { as[i], as[j] = as[j], as[i] })
		if again := Standing(Point{}, ds, as, nil, atDay(28)); !reflect.DeepEqual(lines, again) {
			t.Fatalf("seed %d: another order says something else:\n%+v\n%+v", seed, lines, again)
		}
	}
}

func TestCommitment(t *testing.T) {
	all := []Answer{promised("AT", 1, 1, "2028"), said("AT", 2, Progress, Published, 2), said("FR", 1, TakesUpInPart, Handed, 1), said("DE", 1, TakesUp, Withdrawn, 1), promised("ZA", 1, 1, "2028"), said("ZA", 2, Declines, Published, 2)}
	for state, want := range map[string]bool{"AT": true, "FR": false, "DE": false, "ZA": false, "": false} {
		if _, ok := Commitment(all, state); ok != want {
			t.Errorf("%q has a commitment: %t, want %t", state, ok, want)
		}
	}
}

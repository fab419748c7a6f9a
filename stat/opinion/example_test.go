package opinion_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"rostrum.example/stat/opinion"
)

// votes is a made-up conversation of six participants on four statements.
const votes = `timestamp,comment-id,voter-id,vote
1,0,1,1
2,1,1,1
3,2,1,-1
4,3,1,1
5,0,2,1
6,1,2,1
7,2,2,-1
8,3,2,0
9,0,3,1
10,1,3,1
11,2,3,-1
12,0,4,1
13,1,4,-1
14,2,4,1
15,3,4,-1
16,0,5,1
17,1,5,-1
18,2,5,1
19,0,6,-1
20,0,6,1
21,1,6,-1
22,2,6,1
`

const comments = `comment-id,comment-body,moderated
0,Sample: the programme should be public a week ahead.,1
1,Sample: statements should be limited to three minutes.,1
2,Sample: there should be no limit.,1
3,Sample: remote participation works well.,1
`

func conversation() *opinion.Conversation {
	c, err := opinion.ReadVotes("votes.csv", strings.NewReader(votes))
	if err != nil {
		log.Fatal(err)
	}
	statements, err := opinion.ReadComments("comments.csv", strings.NewReader(comments))
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Describe(statements...); err != nil {
		log.Fatal(err)
	}
	return c
}

// From two files to a map.
func Example() {
	r, err := conversation().Map(context.Background(), opinion.Options{Resamples: 20, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Participants, "participants,", r.Statements, "statements")
	for _, g := range r.Groups {
		fmt.Println("group", opinion.Letter(g.ID), "of", g.Size)
		for _, x := range g.Representative {
			fmt.Printf("  %s with statement %s: %d of %d\n", x.Side, x.Statement, x.Votes, x.Seen)
		}
	}
	fmt.Println("the majority agrees with", r.Consensus.Agree)
	// Output:
	// 6 participants, 4 statements
	// group A of 3
	//   agree with statement 0: 3 of 3
	//   agree with statement 1: 3 of 3
	//   disagree with statement 2: 3 of 3
	// group B of 3
	//   agree with statement 0: 3 of 3
	//   agree with statement 2: 3 of 3
	//   disagree with statement 1: 3 of 3
	//   disagree with statement 3: 1 of 1
	// the majority agrees with [0]
}

// A broken file is refused with what is wrong, where, and what to do.
func ExampleReadVotes() {
	_, err := opinion.ReadVotes("votes.csv", strings.NewReader("comment-id,voter-id,vote\n7,1,1\n7,2,yes\n"))
	fmt.Println(err)
	var bad *opinion.InputError
	if errors.As(err, &bad) {
		fmt.Println(bad.Row, bad.Column)
	}
	// Output:
	// reading votes.csv, row 3, column "vote": "yes" is not a vote; use 1 for agree, -1 for disagree and 0 for pass
	// 3 vote
}

// A live conversation takes votes as they come and is mapped again; its JSON
// is all there is to store.
func ExampleConversation_Add() {
	c := conversation()
	if err := c.Add(opinion.Vote{Participant: "7", Statement: "1", Value: opinion.Agree, Time: 30}); err != nil {
		log.Fatal(err)
	}
	stored, err := json.Marshal(c)
	if err != nil {
		log.Fatal(err)
	}
	var restored opinion.Conversation
	if err := json.Unmarshal(stored, &restored); err != nil {
		log.Fatal(err)
	}
	fmt.Println(restored.Participants(), "participants")
	// Output: 7 participants
}

// The next statement is drawn by the caller's random number.
func ExampleConversation_Next() {
	c := conversation()
	r, err := c.Map(context.Background(), opinion.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Next(r, "3", 0.25)) // has seen all but statement 3
	fmt.Println(c.Next(r, "1", 0.25)) // has seen all
	// Output:
	// 3 true
	//  false
}

// What is published stands for eleven people or more. Six are too few to show
// anything of.
func ExampleResult_Publish() {
	r, err := conversation().Map(context.Background(), opinion.Options{})
	if err != nil {
		log.Fatal(err)
	}
	p, err := r.Publish(opinion.PublicationThreshold)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(p.Groups), "groups,", p.Publication.Statements, "statements withheld")
	// Output: 0 groups, 4 statements withheld
}

// Categories have maps of their own, and statements that join them.
func ExampleConversation_Categorise() {
	c := conversation()
	c.Categorise(map[opinion.ParticipantID]string{"1": "NGO", "2": "NGO", "3": "Academia", "4": "State", "5": "State", "6": "State"})
	r, err := c.Map(context.Background(), opinion.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range r.Bridges.Agree {
		fmt.Println("all categories agree with statement", b.Statement)
	}
	for _, d := range r.Bridges.Divides {
		fmt.Println(d.More, "and", d.Less, "are divided on statement", d.Statement)
	}
	// Output:
	// all categories agree with statement 0
	// NGO and State are divided on statement 1
	// State and NGO are divided on statement 2
}

// The report for a terminal.
func ExampleResult_Text() {
	r, err := conversation().Map(context.Background(), opinion.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := r.Text(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 6 participants, 4 statements, 21 votes
	//
	// 6 people stand in 2 groups of opinion.
	//    2 groups: silhouette 0.733
	//
	// Group A, 3 people
	//   agree 100 % of 3          0  Sample: the programme should be public a week ahead.
	//   agree 100 % of 3          1  Sample: statements should be limited to three minutes.
	//   disagree 100 % of 3       2  Sample: there should be no limit.
	//
	// Group B, 3 people
	//   agree 100 % of 3          0  Sample: the programme should be public a week ahead.
	//   agree 100 % of 3          2  Sample: there should be no limit.
	//   disagree 100 % of 3       1  Sample: statements should be limited to three minutes.
	//   disagree 100 % of 1       3  Sample: remote participation works well.
	//
	// The majority agrees
	//   100 % of 6                0  Sample: the programme should be public a week ahead.
	//
	// All groups agree
	//   100 % of 6                0  Sample: the programme should be public a week ahead.
	//
	// Note: Fewer than 15 participants stand on the map; read groups with great care.
}

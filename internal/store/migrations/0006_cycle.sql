-- A dialogue that this instance convenes. body is the working group; title and place are words by language, as JSON;
-- starts and ends are days in zone; state is one of the mechanism's preset; follows is the dialogue before it; sample
-- marks an exercise.
create table cycle_dialogue (
  org     text    not null,
  id      text    not null,
  body    text    not null,
  title   text    not null,
  place   text    not null,
  starts  text    not null,
  ends    text    not null,
  zone    text    not null,
  follows text    not null,
  sample  integer not null,
  state   text    not null,
  since   bigint  not null,
  version integer not null,
  entry   text    not null,
  primary key (org, id)
);

-- Every change of a dialogue's state, counted from 1. actor is empty for what the clock did, and for somebody whose data
-- were erased.
create table cycle_move (
  org        text    not null,
  dialogue   text    not null,
  number     integer not null,
  at         bigint  not null,
  from_state text    not null,
  to_state   text    not null,
  actor      text    not null,
  answers    text    not null,
  entry      text    not null,
  primary key (org, dialogue, number)
);

-- A call for applications: one form for one or several dialogues. It closes at the end of the day closes in zone;
-- erases is the day on which the personal data of its applications go; recipients are the age keys to which sensitive
-- answers are sealed, one on each line.
create table cycle_call (
  org        text    not null,
  id         text    not null,
  title      text    not null,
  about      text    not null,
  closes     text    not null,
  zone       text    not null,
  erases     text    not null,
  recipients text    not null,
  sample     integer not null,
  version    integer not null,
  entry      text    not null,
  primary key (org, id)
);

create table cycle_call_dialogue (
  org      text    not null,
  call     text    not null,
  dialogue text    not null,
  position integer not null,
  primary key (org, call, dialogue)
);
create unique index cycle_call_of on cycle_call_dialogue (org, dialogue);

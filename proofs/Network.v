(** * ネットワーク（記号の表）

    定義だけを置きます。層の数 [L]、幅 [N l]、重み [w l j k]、バイアス [b l j]、活性化関数 [f l] は、
    何でもかまいません。右上の [l] は、一つめの引数です。 *)

From Coq Require Import Reals Lia Arith.
From Backprop Require Import Sums.
Open Scope R_scope.

Record Network := {
  L : nat;                       (* 重みを持つ層の数 *)
  N : nat -> nat;                (* 幅 N_l *)
  w : nat -> nat -> nat -> R;    (* w^l_jk *)
  b : nat -> nat -> R;           (* b^l_j *)
  f : nat -> R -> R;             (* 層 l の活性化関数 *)
  f' : nat -> R -> R             (* その微分とされるもの。本当に微分かどうかは、定理の仮定で言う *)
}.

(** ** 順伝播 *)

(** 加重和（def-weighted-input）。前の層の活性 [a] から、層 [l] の加重和を求めます。 *)
Definition weighted (net : Network) (l : nat) (a : vec) : vec :=
  fun j => Σ k ≤ N net (l - 1), (w net l j k * a k) + b net l j.

(** 活性（def-activation）。活性化関数は、要素ごとです。 *)
Definition activation (net : Network) (l : nat) (z : vec) : vec := fun j => f net l (z j).

(** 入力 [x] から求めた、層 [l] の活性 [a^l]。入力が層 0 です。 *)
Fixpoint a (net : Network) (x : vec) (l : nat) : vec :=
  match l with
  | O => x
  | S l' => activation net (S l') (weighted net (S l') (a net x l'))
  end.

(** 層 [l] の加重和 [z^l]。 *)
Definition z (net : Network) (x : vec) (l : nat) : vec := weighted net l (a net x (l - 1)).

(** ** 損失

    [E] は、出力層の加重和 [z^L] から1例の損失までの関数です。要素ごとの活性化関数なら、
    [E = ℒ ∘ f^L] です（下の [elementwise]）。softmax の層では、[E] をじかに与えます。 *)

Definition elementwise (net : Network) (ℒ : vec -> R) : vec -> R := fun z => ℒ (activation net (L net) z).

(** 1例の損失。 *)
Definition loss (net : Network) (E : vec -> R) (x : vec) : R := E (z net x (L net)).

(** 層 [l] の加重和から、次の層の加重和へ。 *)
Definition next (net : Network) (l : nat) (z : vec) : vec := weighted net (S l) (activation net l z).

(** 層 [l] の加重和 [z] から [n] 層だけ先へ進んだ、加重和。 *)
Fixpoint ahead (net : Network) (n l : nat) (z : vec) : vec :=
  match n with
  | O => z
  | S n' => ahead net n' (S l) (next net l z)
  end.

(** 層 [l] の加重和の関数とみた、損失。偏微分 [∂ℒ/∂z^l_j] の [ℒ] は、これです（def-delta）。 *)
Definition loss_from (net : Network) (E : vec -> R) (l : nat) (z : vec) : R := E (ahead net (L net - l) l z).

(** 一つの重みだけ、一つのバイアスだけを [t] に替えたネットワーク。 *)
Definition with_weight (net : Network) (l j k : nat) (t : R) : Network := {|
  L := L net; N := N net; b := b net; f := f net; f' := f' net;
  w := fun l' j' k' =>
    if Nat.eq_dec l' l then if Nat.eq_dec j' j then if Nat.eq_dec k' k then t
    else w net l' j' k' else w net l' j' k' else w net l' j' k'
|}.

Definition with_bias (net : Network) (l j : nat) (t : R) : Network := {|
  L := L net; N := N net; w := w net; f := f net; f' := f' net;
  b := fun l' j' => if Nat.eq_dec l' l then if Nat.eq_dec j' j then t else b net l' j' else b net l' j'
|}.

(** 平均損失 [J]（def-cost）。例 [n] の入力は [x n]、損失は [E n] です（目標は [E n] の中にあります）。 *)
Definition cost (net : Network) (m : nat) (E : nat -> vec -> R) (x : nat -> vec) : R :=
  / INR m * (Σ n ≤ m, loss net (E n) (x n)).

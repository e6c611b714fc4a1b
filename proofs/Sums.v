(** * 1 から N までの和

    この本の和 [Σ_{k=1}^N a_k] と、クロネッカーのデルタ [[i=j]] です（記号の表）。
    実数は Coq の標準のもの、微分は Coquelicot のものを使います。 *)

From Coq Require Import Reals Lra Lia Arith.
Open Scope R_scope.

(** 数の並び [a_1, a_2, …]。使うのは、1 から幅までの番号だけです。 *)
Definition vec := nat -> R.

Fixpoint Sum (N : nat) (a : vec) : R :=
  match N with
  | O => 0
  | S n => Sum n a + a (S n)
  end.

Notation "'Σ' k '≤' N , a" := (Sum N (fun k => a))
  (at level 45, k name, N at level 30, a at level 40, format "'Σ'  k  '≤'  N ,  a").

(** 番号 [j] が、[1, …, N] のどれかであること。ニューロンの番号にも、層や例の番号にも使います。 *)
Notation "j '∈' N" := (1 <= j <= N)%nat (at level 70).

(** クロネッカーのデルタ [[i=j]]。 *)
Definition kronecker (i j : nat) : R := if Nat.eq_dec i j then 1 else 0.

(** 項ごとに等しければ、和も等しい。 *)
Lemma sum_ext N (a c : vec) : (forall k, k ∈ N -> a k = c k) -> Sum N a = Sum N c.
Proof.
  induction N as [|N IH]; intros same; simpl; [reflexivity|].
  rewrite IH by (intros; apply same; lia). rewrite same by lia. reflexivity.
Qed.

Lemma sum_zero N : Σ k ≤ N, 0 = 0.
Proof. induction N as [|N IH]; simpl; lra. Qed.

Lemma sum_constant N x : Σ k ≤ N, x = INR N * x.
Proof. induction N as [|N IH]; [simpl; ring|]. rewrite S_INR. simpl. rewrite IH. ring. Qed.

Lemma sum_plus N (a c : vec) : Σ k ≤ N, (a k + c k) = Sum N a + Sum N c.
Proof. induction N as [|N IH]; simpl; [lra|rewrite IH; lra]. Qed.

(** 番号を含まない因子は、和の外に出せる。 *)
Lemma sum_scale N (x : R) (a : vec) : Σ k ≤ N, (x * a k) = x * Sum N a.
Proof. induction N as [|N IH]; simpl; [lra|rewrite IH; lra]. Qed.

Lemma sum_scale_r N (x : R) (a : vec) : Σ k ≤ N, (a k * x) = Sum N a * x.
Proof. induction N as [|N IH]; simpl; [lra|rewrite IH; lra]. Qed.

(** 和の順序は、入れ替えられる。 *)
Lemma sum_exchange N M (a : nat -> nat -> R) :
  Σ k ≤ N, (Σ j ≤ M, a k j) = Σ j ≤ M, (Σ k ≤ N, a k j).
Proof.
  induction N as [|N IH]; simpl.
  - symmetry; apply sum_zero.
  - rewrite IH, <- sum_plus. reflexivity.
Qed.

(** [[i=j]] の掛かった和に残るのは、[i = j] の項だけである。 *)
Lemma sum_kronecker N j (a : vec) : j ∈ N -> Σ i ≤ N, (a i * kronecker i j) = a j.
Proof.
  assert (out : forall n, (n < j)%nat -> Σ i ≤ n, (a i * kronecker i j) = 0).
  { intros n small. rewrite <- (sum_zero n). apply sum_ext. intros i inside.
    unfold kronecker. destruct (Nat.eq_dec i j); [lia|lra]. }
  induction N as [|N IH]; intros inside; [lia|]. simpl. unfold kronecker at 2.
  destruct (Nat.eq_dec (S N) j) as [<-|other].
  - rewrite out by lia. lra.
  - rewrite IH by lia. lra.
Qed.

Lemma sum_le N (a c : vec) : (forall k, k ∈ N -> a k <= c k) -> Sum N a <= Sum N c.
Proof.
  induction N as [|N IH]; intros below; simpl; [lra|].
  apply Rplus_le_compat; [apply IH; intros; apply below; lia|apply below; lia].
Qed.

Lemma sum_nonneg N (a : vec) : (forall k, k ∈ N -> 0 <= a k) -> 0 <= Sum N a.
Proof. intros positive. rewrite <- (sum_zero N). apply sum_le. exact positive. Qed.

(** 0 以上の項の和は、どの項よりも小さくない。 *)
Lemma sum_term_le N (a : vec) j : (forall k, k ∈ N -> 0 <= a k) -> j ∈ N -> a j <= Sum N a.
Proof.
  induction N as [|N IH]; intros positive inside; [lia|]. simpl.
  assert (0 <= Sum N a) by (apply sum_nonneg; intros; apply positive; lia).
  assert (0 <= a (S N)) by (apply positive; lia).
  destruct (Nat.eq_dec j (S N)) as [->|]; [lra|].
  assert (a j <= Sum N a) by (apply IH; [intros; apply positive|]; lia). lra.
Qed.

Lemma sum_abs N (a : vec) : Rabs (Sum N a) <= Σ k ≤ N, Rabs (a k).
Proof.
  induction N as [|N IH]; simpl; [rewrite Rabs_R0; lra|].
  eapply Rle_trans; [apply Rabs_triang|lra].
Qed.

(** * 間違った式を、退ける

    よくある間違いを、「いつでも正しい」という主張にして、その否定を証明します。
    反例は、層が二つの、数の決まったネットワークです。 *)

From Coq Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Backprop Require Import Sums Curves Network Induction.
Open Scope R_scope.

(** 隠れ層の誤差項の求め方。次の層の幅、重み、誤差項と、自分の層の [f']、加重和、活性から求めます。 *)
Definition rule := nat -> (nat -> nat -> R) -> vec -> (R -> R) -> vec -> vec -> vec.

(** [D] が、出力層では [δ_L]、隠れ層では [r] によって、後ろから順に求めた値であること。 *)
Definition by_rule (r : rule) (net : Network) (x δ_L : vec) (D : nat -> vec) : Prop :=
  (forall j, j ∈ N net (L net) -> D (L net) j = δ_L j) /\
  (forall l j, (1 <= l < L net)%nat -> j ∈ N net l ->
    D l j = r (N net (S l)) (w net (S l)) (D (S l)) (f' net l) (z net x l) (a net x l) j).

(** [r] がいつでも正しい、という主張。 *)
Definition always_right (r : rule) : Prop :=
  forall net E x δ_L D,
  hidden_differentiable net x ->
  along_curves (N net (L net)) E (z net x (L net)) δ_L ->
  by_rule r net x δ_L D ->
  forall l j, l ∈ L net -> j ∈ N net l -> is_partial (loss_from net E l) (z net x l) j (D l j).

Definition right : rule := fun M W δ f' z a j => (Σ k ≤ M, (W k j * δ k)) * f' (z j).
Definition transpose_forgotten : rule := fun M W δ f' z a j => (Σ k ≤ M, (W j k * δ k)) * f' (z j).
Definition slope_left_out : rule := fun M W δ f' z a j => Σ k ≤ M, (W k j * δ k).
Definition slope_at_a : rule := fun M W δ f' z a j => (Σ k ≤ M, (W k j * δ k)) * f' (a j).
Definition one_path_lost : rule := fun M W δ f' z a j => (Σ k ≤ M - 1, (W k j * δ k)) * f' (z j).

(** 正しい式では、この主張は定理である。 *)
Theorem right_is_right : always_right right.
Proof.
  intros net E x δ_L D slopes last back l j layer inside.
  apply along_partial with (N net l); [|exact inside].
  apply recursion_along_curves with δ_L; assumption.
Qed.

(** ** 反例のネットワーク

    入力 1 個、隠れ層 [n] 個、出力 [n] 個です。1層めの重みはすべて 1、2層めの重みは [W]、バイアスは 0、
    活性化関数は、隠れ層が [z²]、出力層が恒等関数です。入力は [x]、損失は、出力の和です。 *)

Definition small (n : nat) (W : nat -> nat -> R) : Network := {|
  L := 2; N := fun l => match l with O => 1%nat | _ => n end;
  w := fun l j k => match l with 2%nat => W j k | _ => 1 end;
  b := fun _ _ => 0;
  f := fun l t => match l with 1%nat => t * t | _ => t end;
  f' := fun l t => match l with 1%nat => 2 * t | _ => 1 end
|}.

Definition total (n : nat) (u : vec) : R := Sum n u.

Lemma total_along n z : along_curves n (total n) z (fun _ => 1).
Proof.
  intros c c' t _ each. apply is_derive_sum in each.
  replace (Σ k ≤ n, (1 * c' k)) with (Σ k ≤ n, c' k) by (apply sum_ext; intros; ring). exact each.
Qed.

Definition input (t : R) : vec := fun _ => t.

Lemma small_differentiable n W t : hidden_differentiable (small n W) (input t).
Proof.
  intros l j layer _. simpl in layer. assert (l = 1%nat) as -> by lia. simpl. auto_derive; [exact I|ring].
Qed.

(** ある求め方がいつでも正しいなら、このネットワークでも、正しい式と同じ値になるはずである。 *)
Lemma refute (r : rule) n W t j : j ∈ n -> always_right r ->
  let z₁ := fun _ : nat => t in
  r n W (fun _ => 1) (fun s => 2 * s) z₁ (fun _ => t * t) j = right n W (fun _ => 1) (fun s => 2 * s) z₁ (fun _ => t * t) j.
Proof.
  intros inside claimed z₁.
  assert (value : forall q : rule, always_right q ->
    is_partial (loss_from (small n W) (total n) 1) (z (small n W) (input t) 1) j
      (q n W (fun _ => 1) (fun s => 2 * s) (z (small n W) (input t) 1) (a (small n W) (input t) 1) j)).
  { intros q claim.
    apply (claim (small n W) (total n) (input t) (fun _ => 1)
      (fun l => match l with
                | 1%nat => q n W (fun _ => 1) (fun s => 2 * s) (z (small n W) (input t) 1) (a (small n W) (input t) 1)
                | _ => fun _ => 1 end)) with (l := 1%nat); try (simpl; lia).
    - apply small_differentiable.
    - apply total_along.
    - split; [reflexivity|]. intros l i layer _. simpl in layer. assert (l = 1%nat) as -> by lia. reflexivity. }
  assert (z_is : z (small n W) (input t) 1 = z₁).
  { unfold z, weighted, small, input, z₁. simpl. apply FunctionalExtensionality.functional_extensionality. intros; ring. }
  assert (a_is : a (small n W) (input t) 1 = fun _ => t * t).
  { rewrite <- (activation_of_z _ _ 1 (le_n 1)), z_is. reflexivity. }
  assert (wrong := is_derive_unique _ _ _ (value r claimed)).
  assert (correct := is_derive_unique _ _ _ (value right right_is_right)).
  rewrite z_is, a_is in wrong, correct. rewrite <- wrong, <- correct. reflexivity.
Qed.

(** [w_12 = 1] で、ほかは 0。 *)
Definition one_wire (j k : nat) : R := match j, k with 1%nat, 2%nat => 1 | _, _ => 0 end.

Theorem transpose_forgotten_refuted : ~ always_right transpose_forgotten.
Proof.
  intros claimed. assert (same := refute _ 2 one_wire 3 2 ltac:(lia) claimed).
  unfold transpose_forgotten, right, one_wire in same. simpl in same. lra.
Qed.

Theorem slope_left_out_refuted : ~ always_right slope_left_out.
Proof.
  intros claimed. assert (same := refute _ 1 (fun _ _ => 1) 3 1 ltac:(lia) claimed).
  unfold slope_left_out, right in same. simpl in same. lra.
Qed.

Theorem slope_at_a_refuted : ~ always_right slope_at_a.
Proof.
  intros claimed. assert (same := refute _ 1 (fun _ _ => 1) 3 1 ltac:(lia) claimed).
  unfold slope_at_a, right in same. simpl in same. lra.
Qed.

Theorem one_path_lost_refuted : ~ always_right one_path_lost.
Proof.
  intros claimed. assert (same := refute _ 2 (fun _ _ => 1) 3 1 ltac:(lia) claimed).
  unfold one_path_lost, right in same. simpl in same. lra.
Qed.

(** ** 偏微分があるだけでは足りない（連鎖律の章）

    [v = u₁² u₂ / (u₁² + u₂²)] は、原点で、どの偏微分も 0 である。それでも、斜めの線に沿った割合は 1/2 である。 *)

Definition creased (u : vec) : R := u 1%nat ^ 2 * u 2%nat / (u 1%nat ^ 2 + u 2%nat ^ 2).
Definition origin : vec := fun _ => 0.

Theorem partials_are_not_enough :
  (forall j, j ∈ 2 -> is_partial creased origin j 0) /\ ~ along_curves 2 creased origin (fun _ => 0).
Proof.
  split.
  - intros j inside. assert (flat : forall t : R, 0 = creased (put origin j t)).
    { intros t. unfold creased, put, origin. destruct (Nat.eq_dec 1 j), (Nat.eq_dec 2 j); try lia; unfold Rdiv; ring. }
    apply (is_derive_ext _ _ _ _ flat). apply (is_derive_const (V := R_NormedModule)).
  - intros along. assert (claimed := along (fun s _ => s) (fun _ => 1) 0 (fun _ _ => eq_refl)
      (fun _ _ => is_derive_id (K := R_AbsRing) 0)).
    assert (slanted : forall s : R, 1 / 2 * s = creased (fun _ => s)).
    { intros s. unfold creased. destruct (Req_dec s 0) as [->|away]; [unfold Rdiv; ring|]. field. nra. }
    assert (measured : is_derive (fun s : R => creased (fun _ => s)) 0 (1 / 2)).
    { apply (is_derive_ext _ _ _ _ slanted). auto_derive; [exact I|ring]. }
    assert (same := eq_trans (eq_sym (is_derive_unique _ _ _ claimed)) (is_derive_unique _ _ _ measured)).
    simpl in same. lra.
Qed.

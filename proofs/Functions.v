(** * 本の活性化関数と損失は、定理の仮定を満たす

    活性化関数の章と、ステップ1です。 *)

From Coq Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Backprop Require Import Sums Curves.
Open Scope R_scope.

(** ** 活性化関数 *)

Definition identity (z : R) : R := z.
Definition sigmoid (z : R) : R := / (1 + exp (- z)).
Definition tanh (z : R) : R := (exp z - exp (- z)) / (exp z + exp (- z)).
Definition softplus (z : R) : R := ln (1 + exp z).
Definition relu (z : R) : R := Rmax 0 z.

Theorem identity_derivative z : is_derive identity z 1.
Proof. apply (is_derive_id (K := R_AbsRing)). Qed.

(** 式 eq-sigmoid-derivative。 *)
Theorem sigmoid_derivative z : is_derive sigmoid z (sigmoid z * (1 - sigmoid z)).
Proof.
  unfold sigmoid. assert (H := exp_pos (- z)). auto_derive; [lra|]. field. lra.
Qed.

(** 式 eq-tanh-derivative。 *)
Theorem tanh_derivative z : is_derive tanh z (1 - tanh z ^ 2).
Proof.
  unfold tanh. assert (H := exp_pos z). assert (H' := exp_pos (- z)). auto_derive; [lra|]. field. lra.
Qed.

(** 式 eq-softplus-derivative。 *)
Theorem softplus_derivative z : is_derive softplus z (sigmoid z).
Proof.
  unfold softplus, sigmoid. assert (H := exp_pos z). auto_derive; [lra|].
  rewrite exp_Ropp. field. split; lra.
Qed.

(** ReLU は、折れ目 [z = 0] のほかでは微分できる。 *)
Definition relu' (z : R) : R := if Rlt_dec 0 z then 1 else 0.

Theorem relu_derivative z : z <> 0 -> is_derive relu z (relu' z).
Proof.
  intros away. unfold relu, relu'. destruct (Rlt_dec 0 z) as [positive|not_positive].
  - apply is_derive_ext_loc with (fun t => t); [|apply (is_derive_id (K := R_AbsRing))].
    exists (mkposreal z positive). intros t near. simpl in near.
    unfold ball in near; simpl in near; unfold AbsRing_ball, abs, minus, plus, opp in near; simpl in near.
    apply Rabs_def2 in near. rewrite Rmax_right; lra.
  - assert (below : 0 < - z) by lra.
    apply is_derive_ext_loc with (fun _ => 0); [|apply (is_derive_const (V := R_NormedModule))].
    exists (mkposreal (- z) below). intros t near.
    unfold ball in near; simpl in near; unfold AbsRing_ball, abs, minus, plus, opp in near; simpl in near.
    apply Rabs_def2 in near. rewrite Rmax_left; lra.
Qed.

(** 折れ目では、どんな数も微分ではない。 *)
Theorem relu_kink d : ~ is_derive relu 0 d.
Proof.
  intros derived. destruct (proj1 (small_rest relu 0 d) derived (1 / 4)) as [r [positive near]]; [lra|].
  assert (right := near (r / 2)). assert (left := near (- (r / 2))). unfold relu in *.
  rewrite Rabs_Ropp in left. rewrite !Rplus_0_l in *.
  rewrite (Rabs_pos_eq (r / 2)) in * by lra.
  rewrite (Rmax_right 0 (r / 2)) in right by lra. rewrite (Rmax_left 0 (- (r / 2))) in left by lra.
  rewrite (Rmax_left 0 0) in * by lra.
  assert (right' := right ltac:(lra)). assert (left' := left ltac:(lra)).
  apply Rabs_le_between in right', left'. nra.
Qed.

(** ** 損失（ステップ1）

    四つの損失は、どれも、出力1個ずつの損失の和に定数を掛けた形です。 *)

Definition separable (M : nat) (c : R) (ℓ : nat -> R -> R) (a : vec) : R := c * (Σ i ≤ M, ℓ i (a i)).

(** 一つずつ微分できる関数の和は、全微分できる。 *)
Theorem separable_differentiable M c (ℓ : nat -> R -> R) (ℓ' a : vec) :
  (forall i, i ∈ M -> is_derive (ℓ i) (a i) (ℓ' i)) ->
  totally_differentiable M (separable M c ℓ) a (fun i => c * ℓ' i).
Proof.
  intros each ε positive.
  set (ε' := ε / ((Rabs c + 1) * (INR M + 1))). assert (c_nonneg := Rabs_pos c). assert (M_nonneg := pos_INR M).
  assert (ε'_positive : 0 < ε') by (apply Rdiv_lt_0_compat; [lra|apply Rmult_lt_0_compat; lra]).
  destruct (together M (fun i s => forall h, Rabs h = s ->
    Rabs (ℓ i (a i + h) - ℓ i (a i) - ℓ' i * h) <= ε' * Rabs h)) as [r [r_positive near]].
  { intros i inside. destruct (proj1 (small_rest _ _ _) (each i inside) ε' ε'_positive) as [r [? near]].
    exists r. split; [assumption|]. intros s small h <-. apply near. exact small. }
  exists r. split; [exact r_positive|]. intros u close. unfold separable.
  replace (c * (Σ i ≤ M, ℓ i (u i)) - c * (Σ i ≤ M, ℓ i (a i)) - Σ k ≤ M, (c * ℓ' k * (u k - a k)))
    with (c * (Σ i ≤ M, (ℓ i (u i) - ℓ i (a i) - ℓ' i * (u i - a i)))).
  2: { unfold Rminus. rewrite !sum_plus.
       assert (negate : forall n (v : vec), Σ i ≤ n, (- v i) = - Sum n v)
         by (intros n v; rewrite <- (Rmult_1_l (Sum n v)), Ropp_mult_distr_l, <- sum_scale; apply sum_ext; intros; ring).
       rewrite !negate.
       rewrite (sum_ext M (fun k => c * ℓ' k * (u k + - a k)) (fun k => c * (ℓ' k * (u k + - a k)))) by (intros; ring).
       rewrite sum_scale. ring. }
  rewrite Rabs_mult. apply Rle_trans with (Rabs c * (Σ i ≤ M, (ε' * distance M u a))).
  - apply Rmult_le_compat_l; [exact c_nonneg|]. eapply Rle_trans; [apply sum_abs|]. apply sum_le.
    intros i inside. assert (within := component_le M u a i inside).
    apply Rle_trans with (ε' * Rabs (u i - a i)); [|apply Rmult_le_compat_l; lra].
    assert (now := near (Rabs (u i - a i)) (Rle_lt_trans _ _ _ within close) i inside (u i - a i) eq_refl).
    replace (a i + (u i - a i)) with (u i) in now by ring. exact now.
  - rewrite sum_constant, <- !Rmult_assoc. apply Rmult_le_compat_r; [apply distance_nonneg|].
    apply Rmult_le_reg_r with ((Rabs c + 1) * (INR M + 1)); [apply Rmult_lt_0_compat; lra|]. unfold ε'.
    replace (Rabs c * INR M * (ε / ((Rabs c + 1) * (INR M + 1))) * ((Rabs c + 1) * (INR M + 1)))
      with (ε * (Rabs c * INR M)) by (field; split; lra).
    apply Rmult_le_compat_l; nra.
Qed.

Section Losses.

Variables (M : nat) (y a : vec).   (* 出力の数、目標、出力 *)

Definition mse : vec -> R := separable M (/ INR M) (fun i t => (t - y i) ^ 2).
Definition half_squared_error : vec -> R := separable M (1 / 2) (fun i t => (t - y i) ^ 2).
Definition binary_cross_entropy : vec -> R := separable M 1 (fun i t => - y i * ln t - (1 - y i) * ln (1 - t)).
Definition cross_entropy : vec -> R := separable M 1 (fun i t => - y i * ln t).

Lemma td_ext F (g h : vec) : (forall k, k ∈ M -> g k = h k) ->
  totally_differentiable M F a g -> totally_differentiable M F a h.
Proof.
  intros same differentiable ε positive. destruct (differentiable ε positive) as [r [r_positive near]].
  exists r. split; [exact r_positive|]. intros u close.
  replace (Σ k ≤ M, (h k * (u k - a k))) with (Σ k ≤ M, (g k * (u k - a k))) by
    (apply sum_ext; intros k inside; rewrite same by exact inside; reflexivity).
  apply near. exact close.
Qed.

(** 式 eq-step1-mse。 *)
Theorem mse_differentiable : totally_differentiable M mse a (fun j => 2 / INR M * (a j - y j)).
Proof.
  apply td_ext with (fun j => / INR M * (2 * (a j - y j))).
  - intros j _. unfold Rdiv. ring.
  - apply (separable_differentiable M (/ INR M) (fun i t => (t - y i) ^ 2) (fun j => 2 * (a j - y j))).
    intros i _. auto_derive; [exact I|ring].
Qed.

(** 式 eq-step1-half。 *)
Theorem half_squared_error_differentiable : totally_differentiable M half_squared_error a (fun j => a j - y j).
Proof.
  apply td_ext with (fun j => 1 / 2 * (2 * (a j - y j))); [intros; field|].
  apply (separable_differentiable M (1 / 2) (fun i t => (t - y i) ^ 2) (fun j => 2 * (a j - y j))).
  intros i _. auto_derive; [exact I|ring].
Qed.

(** 式 eq-step1-bce。 *)
Theorem binary_cross_entropy_differentiable :
  (forall j, j ∈ M -> 0 < a j < 1) ->
  totally_differentiable M binary_cross_entropy a (fun j => - y j / a j + (1 - y j) / (1 - a j)).
Proof.
  intros domain. apply td_ext with (fun j => 1 * (- y j / a j + (1 - y j) / (1 - a j))); [intros; ring|].
  apply (separable_differentiable M 1 (fun i t => - y i * ln t - (1 - y i) * ln (1 - t))
           (fun j => - y j / a j + (1 - y j) / (1 - a j))).
  intros i inside. destruct (domain i inside). auto_derive; [split; [lra|split; [lra|exact I]]|field; lra].
Qed.

(** 式 eq-step1-ce。 *)
Theorem cross_entropy_differentiable :
  (forall j, j ∈ M -> 0 < a j) ->
  totally_differentiable M cross_entropy a (fun j => - y j / a j).
Proof.
  intros domain. apply td_ext with (fun j => 1 * (- y j / a j)); [intros; ring|].
  apply (separable_differentiable M 1 (fun i t => - y i * ln t) (fun j => - y j / a j)).
  intros i inside. assert (H := domain i inside). auto_derive; [lra|field; lra].
Qed.

End Losses.
